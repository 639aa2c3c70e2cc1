import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What is counted again and again; a new table only."""

    dependencies = [
        ("counts", "0002_counts"),
        ("locations", "0005_profiles_and_configuration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CountPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("A", "ABC class A"),
                            ("B", "ABC class B"),
                            ("C", "ABC class C"),
                            ("NEGATIVE", "Negative stock"),
                            ("LONGEST", "Longest not counted"),
                        ],
                        max_length=8,
                        verbose_name="products",
                    ),
                ),
                (
                    "every_days",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="every so many days",
                    ),
                ),
                (
                    "most_products",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(2000),
                        ],
                        verbose_name="products at most",
                    ),
                ),
                ("is_blind", models.BooleanField(default=False, verbose_name="blind")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("next_on", models.DateField(verbose_name="next")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "last_count",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="counts.count",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.fulfillmentlocation",
                        verbose_name="store",
                    ),
                ),
                (
                    "stock_location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.stocklocation",
                        verbose_name="stock location",
                    ),
                ),
            ],
            options={
                "verbose_name": "recurring count",
                "verbose_name_plural": "recurring counts",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_active", True)),
                        fields=["next_on", "id"],
                        name="count_plan_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("every_days__gte", 1), ("every_days__lte", 365)),
                        name="count_plan_has_a_rhythm",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("most_products__gte", 1), ("most_products__lte", 2000)),
                        name="count_plan_has_products",
                    ),
                ],
            },
        ),
    ]
