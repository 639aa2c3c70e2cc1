from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KINDS = ("product_id", "sku", "ean", "upc")


def add_kinds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    model = apps.get_model("catalog", "ScanIdentifier")
    model.objects.bulk_create(
        model(position=position, kind=kind) for position, kind in enumerate(KINDS, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ScanIdentifier",
            fields=[
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "kind",
                    models.CharField(
                        db_collation="C", max_length=32, unique=True, verbose_name="kind"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "scan identifier",
                "verbose_name_plural": "scan identifiers",
                "ordering": ["position", "id"],
            },
        ),
        migrations.RunPython(add_kinds, migrations.RunPython.noop),
    ]
