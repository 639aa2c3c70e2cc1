from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What stands in a receiver's log is the message ID; built while acts publish."""

    # CREATE INDEX CONCURRENTLY runs outside a transaction.
    atomic = False
    dependencies = [("eventstream", "0002_pages_and_the_demos_receiver")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '2s'", "SET lock_timeout = '2s'"),
        AddIndexConcurrently("event", models.Index(fields=["uuid"], name="event_by_message")),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
