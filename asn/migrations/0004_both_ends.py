from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What one sends to another, and a store's notices by who sends them; built under load."""

    # CREATE INDEX CONCURRENTLY runs outside a transaction.
    atomic = False
    dependencies = [("asn", "0003_few_among_many")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '2s'", "SET lock_timeout = '2s'"),
        AddIndexConcurrently(
            "asn",
            models.Index(
                fields=["destination", "origin", "shipped_at", "id"], name="asn_by_both_ends"
            ),
        ),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
