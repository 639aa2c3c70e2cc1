from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Days by which orders are due, in the order of their list; built under load."""

    # CREATE INDEX CONCURRENTLY runs outside a transaction.
    atomic = False
    dependencies = [("transfers", "0003_drafts")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '2s'", "SET lock_timeout = '2s'"),
        AddIndexConcurrently(
            "transferorder",
            models.Index(
                fields=["ordered_at", "id", "due_date"],
                condition=models.Q(status__in=["OPEN", "IN_PROGRESS"], due_date__isnull=False),
                name="transfer_due",
            ),
        ),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
