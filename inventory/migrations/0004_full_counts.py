import django.db.models.deletion
from django.db import migrations, models

# What the words of a reason say; an administrator may decide otherwise.
STATES_TRUTH = """
UPDATE inventory_adjustmentreason SET states_truth = true
 WHERE (origin_id IS NULL) <> (destination_id IS NULL)
   AND type || ' ' || subtype ~* '\\m(found|missing|shrink|lost|stock ?check|count|correction)'
   AND type || ' ' || subtype !~* '\\mdamage'
"""


class Migration(migrations.Migration):
    """What a full count says about a place, nobody else says meanwhile (PRODUCT §7)."""

    dependencies = [
        ("inventory", "0003_field_names_for_readers"),
        ("locations", "0004_return_conditions"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="adjustmentreason",
            name="states_truth",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Found, missing, count correction: refused while a full count of the same place runs, which says so itself. Damage and the like happen meanwhile as ever.",
                verbose_name="says how many there are",
            ),
        ),
        migrations.CreateModel(
            name="ActiveFullCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "location_id",
                        "stock_location_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("count_uuid", models.UUIDField(unique=True, verbose_name="count")),
                ("name", models.CharField(max_length=256, verbose_name="name")),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.fulfillmentlocation",
                    ),
                ),
                (
                    "stock_location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.stocklocation",
                    ),
                ),
            ],
            options={
                "verbose_name": "active full count",
                "verbose_name_plural": "active full counts",
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(STATES_TRUTH, migrations.RunSQL.noop),
    ]
