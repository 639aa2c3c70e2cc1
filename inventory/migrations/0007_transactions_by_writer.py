from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a snapshot did not see is found without reading all transactions; built under load."""

    # CREATE INDEX CONCURRENTLY runs outside a transaction.
    atomic = False
    dependencies = [("inventory", "0006_promises_and_writers")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '2s'", "SET lock_timeout = '2s'"),
        AddIndexConcurrently(
            "inventorytransaction",
            models.Index(fields=["written_in"], name="transaction_by_writer"),
        ),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
