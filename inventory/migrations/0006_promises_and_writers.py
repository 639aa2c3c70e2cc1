import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import inventory.models.written


class Migration(migrations.Migration):
    """Promises to customers and to orders; in which database transaction a posting was written.

    The column's default is one value for all rows that are there, so that none is rewritten.
    """

    dependencies = [
        ("catalog", "0002_scan_identifiers"),
        ("inventory", "0005_last_counted"),
        ("locations", "0006_reservation_times"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_uuid", models.UUIDField(verbose_name="order")),
                ("item_uuid", models.UUIDField(verbose_name="item")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SOFT", "Reservation"),
                            ("HARD", "Allocation"),
                            ("FUTURE", "Future allocation"),
                        ],
                        max_length=6,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ALLOCATED", "Allocated"),
                            ("PACKED", "Packed"),
                            ("COMPLETED", "Completed"),
                            ("FAILED", "Failed"),
                            ("RELEASED", "Released"),
                            ("EXPIRED", "Expired"),
                        ],
                        default="ALLOCATED",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("request_uuid", models.UUIDField(null=True, verbose_name="fulfilment request")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
            ],
            options={
                "verbose_name": "allocation",
                "verbose_name_plural": "allocations",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["order_uuid", "item_uuid"], name="allocation_by_order"),
                    models.Index(
                        condition=models.Q(("request_uuid__isnull", False)),
                        fields=["request_uuid"],
                        name="allocation_by_request",
                    ),
                    models.Index(
                        condition=models.Q(("kind", "SOFT"), ("state", "ALLOCATED")),
                        fields=["expires_at"],
                        name="allocation_expiring",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("ALLOCATED", "PACKED"))),
                        fields=("order_uuid", "item_uuid"),
                        name="item_promised_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expires_at__isnull", False), ("kind", "SOFT")),
                            models.Q(
                                models.Q(("kind", "SOFT"), _negated=True),
                                ("expires_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="soft_allocation_expires",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True), ("state__in", ("ALLOCATED", "PACKED"))
                            ),
                            models.Q(
                                models.Q(("state__in", ("ALLOCATED", "PACKED")), _negated=True),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ended_allocation_has_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerReservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "external_id",
                    models.CharField(
                        db_collation="C", max_length=32, unique=True, verbose_name="ID"
                    ),
                ),
                (
                    "customer_profile_id",
                    models.CharField(db_collation="C", max_length=256, verbose_name="customer"),
                ),
                (
                    "associate_id",
                    models.CharField(db_collation="C", max_length=128, verbose_name="associate"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("RESERVED", "Reserved"),
                            ("CONVERTED", "Converted"),
                            ("UNRESERVED", "Unreserved"),
                            ("REJECTED", "Rejected"),
                        ],
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="updated"
                    ),
                ),
                (
                    "noticed_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="expiry noticed"),
                ),
                (
                    "operation_key",
                    models.CharField(db_collation="C", editable=False, max_length=200, unique=True),
                ),
            ],
            options={
                "verbose_name": "reservation",
                "verbose_name_plural": "reservations",
                "indexes": [
                    models.Index(fields=["-created_at", "-id"], name="reservation_by_time"),
                    models.Index(
                        fields=["status", "-created_at", "-id"], name="reservation_by_status"
                    ),
                    models.Index(fields=["customer_profile_id"], name="reservation_by_customer"),
                    models.Index(
                        condition=models.Q(("status", "RESERVED")),
                        fields=["expires_at"],
                        name="reservation_expiring",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerReservationItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("RESERVED", "Reserved"),
                            ("CONVERTED", "Converted"),
                            ("UNRESERVED", "Unreserved"),
                            ("REJECTED", "Rejected"),
                        ],
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "cart_id",
                    models.CharField(
                        blank=True, db_collation="C", max_length=256, verbose_name="cart"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="updated"
                    ),
                ),
            ],
            options={
                "verbose_name": "reserved item",
                "verbose_name_plural": "reserved items",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="inventorytransaction",
            name="written_in",
            field=inventory.models.written.WrittenIn(
                db_default=inventory.models.written.ThisTransaction(), editable=False, null=True
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="location",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.fulfillmentlocation",
                verbose_name="location",
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="customerreservation",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AddField(
            model_name="customerreservation",
            name="location",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.fulfillmentlocation",
                verbose_name="store",
            ),
        ),
        migrations.AddField(
            model_name="customerreservationitem",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="customerreservationitem",
            name="reservation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="inventory.customerreservation",
                verbose_name="reservation",
            ),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(
                condition=models.Q(("state__in", ("ALLOCATED", "PACKED"))),
                fields=["location", "product", "id"],
                name="allocation_open",
            ),
        ),
        migrations.AddIndex(
            model_name="customerreservation",
            index=models.Index(
                fields=["location", "-created_at", "-id"], name="reservation_by_store"
            ),
        ),
        migrations.AddConstraint(
            model_name="customerreservationitem",
            constraint=models.UniqueConstraint(
                fields=("reservation", "position"), name="reserved_item_once_per_position"
            ),
        ),
    ]
