import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when a store's stock is ours, and on which import its first numbers rest."""

    dependencies = [
        ("fulfilment", "0001_levels_exports_requests"),
        ("locations", "0006_reservation_times"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Its foreign keys lock two tables that everybody reads.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Takeover",
            fields=[
                (
                    "location",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="takeover",
                        serialize=False,
                        to="locations.fulfillmentlocation",
                        verbose_name="store",
                    ),
                ),
                ("taken_over_at", models.DateTimeField(verbose_name="taken over")),
                (
                    "last_import_at",
                    models.DateTimeField(null=True, verbose_name="last stock import"),
                ),
                ("units", models.BigIntegerField(default=0, verbose_name="units")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "takeover of stock",
                "verbose_name_plural": "takeovers of stock",
                "default_permissions": (),
            },
        ),
    ]
