from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory import actions


class Command(BaseCommand):
    help = "Prove that on hand is the sum of movements, everywhere; it never repairs anything."

    def handle(self, *args: Any, **options: Any) -> None:
        result = actions.verify_ledger()
        if result is None:
            raise CommandError("Another verification is running; wait for it to end.")
        kept, examples = result
        seconds = (kept.finished_at - kept.started_at).total_seconds()
        self.stdout.write(
            f"{kept.movements:,} movements, {kept.stock_rows:,} stock rows, "
            f"{kept.differences:,} differences, {seconds:.1f} s"
        )
        for difference in examples:
            self.stdout.write(
                f"  {difference.rule}: {difference.where}: "
                f"expected {difference.expected}, found {difference.found}"
            )
        if kept.differences:
            raise CommandError(
                "The books do not agree. Nothing was changed; see docs/operations.md."
            )
