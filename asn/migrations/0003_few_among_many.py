from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

IN_ORDER = ["shipped_at", "id"]
FEW = {
    "asn_not_closed": models.Q(status__in=["OPEN", "PARTIALLY_RECEIVED"]),
    "asn_under_way": models.Q(in_transit_total__gt=0),
    "asn_forced": models.Q(is_force_closed=True),
}


class Migration(migrations.Migration):
    """Open, under way and force closed ones in the order of their lists; built under load."""

    # CREATE INDEX CONCURRENTLY runs outside a transaction.
    atomic = False
    dependencies = [("asn", "0002_documents")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '2s'", "SET lock_timeout = '2s'"),
        *(
            AddIndexConcurrently(
                "asn", models.Index(fields=IN_ORDER, condition=condition, name=name)
            )
            for name, condition in FEW.items()
        ),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
