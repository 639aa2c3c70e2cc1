from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """How far a count is, without reading all that was scanned; built under load."""

    # CREATE INDEX CONCURRENTLY runs outside a transaction.
    atomic = False
    dependencies = [("counts", "0003_recurring_counts")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '2s'", "SET lock_timeout = '2s'"),
        AddIndexConcurrently(
            "observation",
            BrinIndex(fields=["received_at"], pages_per_range=16, name="observation_by_receipt"),
        ),
        AddIndexConcurrently(
            "observation",
            models.Index(
                fields=["count_id"], condition=models.Q(is_late=True), name="observation_late"
            ),
        ),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
