"""The nightly proof that the books agree."""

import logging

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from .. import ledger
from ..models import LedgerVerification

logger = logging.getLogger(__name__)

# "LEDG": two verifications at once would only read everything twice.
VERIFICATION_LOCK = 0x4C454447


def rules_of_all_rooms() -> dict[str, str]:
    """What rooms above this one hold true of stock; they are named by string."""
    return {
        rule: select
        for name in settings.LEDGER_RULES
        for rule, select in import_string(name).items()
    }


def verify_ledger() -> tuple[LedgerVerification, list[ledger.Difference]] | None:
    """Prove the books and keep the result, which is a metric; None while another run is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [VERIFICATION_LOCK])
        if not cursor.fetchone()[0]:
            return None
    try:
        started_at = timezone.now()
        found = ledger.verify(rules_of_all_rooms())
        with transaction.atomic(durable=True):
            kept = LedgerVerification.objects.create(
                started_at=started_at,
                finished_at=timezone.now(),
                movements=found.movements,
                stock_rows=found.stock_rows,
                differences=found.differences,
            )
        for difference in found.examples:
            logger.error("ledger: %s: %s", difference.rule, difference)
        return kept, found.examples
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [VERIFICATION_LOCK])
