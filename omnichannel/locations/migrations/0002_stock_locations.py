from django.db import migrations

# PRODUCT §1: `main` is the only salable one; names beginning with `_` are the system's.
STOCK_LOCATIONS = [
    ("main", "Main", True),
    ("display", "Display", False),
    ("damaged", "Damaged", False),
    ("repair", "Repair", False),
    ("returns", "Returns", False),
    ("_customer_reservations", "Customer reservations", False),
    ("_transfers", "Set aside for transfers", False),
    ("_in_transit", "In transit", False),
]


def create(apps, schema_editor):
    model = apps.get_model("locations", "StockLocation")
    model.objects.bulk_create(
        [
            model(name=name, display_name=display_name, is_salable=is_salable)
            for name, display_name, is_salable in STOCK_LOCATIONS
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("locations", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
