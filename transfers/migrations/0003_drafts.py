import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a store collects before it is an order stands in tables of its own; nothing changes."""

    dependencies = [
        ("catalog", "0002_scan_identifiers"),
        ("locations", "0005_profiles_and_configuration"),
        ("transfers", "0002_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TransferDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "operation_key",
                    models.CharField(db_collation="C", editable=False, max_length=200, unique=True),
                ),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                ("left_at", models.DateTimeField(null=True, verbose_name="left")),
                (
                    "associate_id",
                    models.CharField(db_collation="C", max_length=128, verbose_name="associate"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.fulfillmentlocation",
                        verbose_name="to",
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="transfers.transferorder",
                        verbose_name="order",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.fulfillmentlocation",
                        verbose_name="from",
                    ),
                ),
            ],
            options={
                "verbose_name": "transfer draft",
                "verbose_name_plural": "transfer drafts",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("left_at__isnull", True), ("order__isnull", True)),
                        fields=["origin"],
                        name="transfer_draft_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("origin", models.F("destination")), _negated=True),
                        name="transfer_draft_has_two_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("order__isnull", True), ("left_at__isnull", True), _connector="OR"
                        ),
                        name="transfer_draft_ends_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftScan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(verbose_name="key")),
                ("code", models.CharField(max_length=256, verbose_name="code")),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("is_left_out", models.BooleanField(default=False, verbose_name="left out")),
                ("scanned_at", models.DateTimeField(verbose_name="scanned")),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scans",
                        to="transfers.transferdraft",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft scan",
                "verbose_name_plural": "draft scans",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("draft", "key"), name="draft_scan_once_per_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gte", -1000000000), ("quantity__lte", 1000000000)
                        ),
                        name="draft_scan_quantity_in_range",
                    ),
                ],
            },
        ),
    ]
