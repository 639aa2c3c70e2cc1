import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import inventory.models.written

# A mispick counts until the stock is told anew: a movement in `main` that is no promise and no
# shipment. Sums are of bigint, because their parts alone fill an integer.
AVAILABILITY = """
CREATE VIEW fulfilment_availability AS
SELECT held.location_id, held.product_id, held.quantity AS on_hand,
       coalesce(level.soft_reserved, 0) AS soft_reserved,
       coalesce(level.allocated, 0) AS allocated,
       safe.stock AS safety_stock,
       atp.now AS current_atp, atp.future AS future_atp,
       CASE WHEN level.future_quantity > 0 THEN level.future_date END AS future_date,
       atp.now + atp.future AS total_atp,
       coalesce(level.last_import_at, whole.last_import_at) AS last_import_at,
       picked.mispicked_at
  FROM inventory_stockonhand AS held
  JOIN locations_fulfillmentlocation AS place ON place.id = held.location_id
  LEFT JOIN fulfilment_locationavailability AS whole ON whole.location_id = held.location_id
  LEFT JOIN fulfilment_stocklevel AS level
         ON level.location_id = held.location_id AND level.product_id = held.product_id
 CROSS JOIN LATERAL (
   SELECT coalesce(level.safety_stock, whole.safety_stock, 0) AS stock) AS safe
 CROSS JOIN LATERAL (
   SELECT CASE WHEN level.mispicked_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM inventory_stockmovement AS moved
              JOIN inventory_inventorytransaction AS did ON did.id = moved.transaction_id
             WHERE moved.location_id = level.location_id AND moved.product_id = level.product_id
               AND moved.id > level.mispicked_after
               AND moved.stock_location_id = held.stock_location_id
               AND did.type NOT IN ('RESERVE', 'UNRESERVE', 'SHIPMENT'))
          THEN level.mispicked_at END AS mispicked_at) AS picked
 CROSS JOIN LATERAL (
   SELECT CASE WHEN place.is_enabled AND picked.mispicked_at IS NULL
               THEN greatest(held.quantity::bigint - coalesce(level.allocated, 0)
                             - coalesce(level.soft_reserved, 0) - safe.stock, 0)::int
               ELSE 0 END AS now,
          CASE WHEN place.is_enabled
               THEN greatest(coalesce(level.future_quantity, 0)
                             - coalesce(level.future_allocated, 0), 0)
               ELSE 0 END AS future) AS atp
 WHERE held.stock_location_id = (SELECT id FROM locations_stocklocation WHERE name = 'main')
"""


class Migration(migrations.Migration):
    """Facts of availability, exports and requests; new tables, and a view over stock."""

    initial = True

    dependencies = [
        ("catalog", "0002_scan_identifiers"),
        ("inventory", "0007_transactions_by_writer"),
        ("counts", "0003_recurring_counts"),
        ("locations", "0006_reservation_times"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Availability",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "location_id",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("on_hand", models.IntegerField(verbose_name="in stock")),
                ("soft_reserved", models.IntegerField(verbose_name="reserved")),
                ("allocated", models.IntegerField(verbose_name="allocated")),
                ("safety_stock", models.IntegerField(verbose_name="safety stock")),
                ("current_atp", models.IntegerField(verbose_name="current ATP")),
                ("future_atp", models.IntegerField(verbose_name="future ATP")),
                (
                    "future_date",
                    models.DateField(null=True, verbose_name="future availability date"),
                ),
                ("total_atp", models.IntegerField(verbose_name="total ATP")),
                (
                    "last_import_at",
                    models.DateTimeField(null=True, verbose_name="last stock import"),
                ),
                ("mispicked_at", models.DateTimeField(null=True, verbose_name="last mispick")),
            ],
            options={
                "db_table": "fulfilment_availability",
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AvailabilityGroup",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        db_collation="C", max_length=256, unique=True, verbose_name="name"
                    ),
                ),
            ],
            options={
                "verbose_name": "availability group",
                "verbose_name_plural": "availability groups",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AvailabilityExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "token",
                    models.CharField(db_collation="C", editable=False, max_length=64, unique=True),
                ),
                ("group_name", models.CharField(blank=True, max_length=256, verbose_name="group")),
                (
                    "location_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), null=True, size=None
                    ),
                ),
                ("mark", models.BigIntegerField(editable=False, null=True, unique=True)),
                ("since", models.BigIntegerField(null=True, verbose_name="since")),
                ("is_delta", models.BooleanField(default=False, verbose_name="changes only")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "Received"),
                            ("PROCESSING", "Processing"),
                            ("FAILED", "Failed"),
                            ("FINISHED", "Finished"),
                        ],
                        default="RECEIVED",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("failure_reason", models.TextField(blank=True, verbose_name="failure")),
                ("snapshot", models.TextField(blank=True, editable=False)),
                ("places", models.JSONField(default=dict, editable=False)),
                ("cluster", models.CharField(blank=True, editable=False, max_length=64)),
                ("rows", models.BigIntegerField(default=0, verbose_name="rows")),
                ("size", models.BigIntegerField(default=0, verbose_name="bytes")),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="received",
                    ),
                ),
                ("completed_at", models.DateTimeField(null=True, verbose_name="completed")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "availability export",
                "verbose_name_plural": "availability exports",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["received_at"], name="availability_export_by_time")
                ],
            },
        ),
        migrations.CreateModel(
            name="AvailabilityExportPiece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "of",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="fulfilment.availabilityexport",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of an availability export",
                "verbose_name_plural": "parts of availability exports",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("of", "number"), name="availability_export_piece_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AvailabilityGroupMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="fulfilment.availabilitygroup",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.fulfillmentlocation",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of an availability group",
                "verbose_name_plural": "members of availability groups",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group", "position"), name="group_member_in_order"
                    ),
                    models.UniqueConstraint(fields=("group", "location"), name="group_member_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FulfillmentRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("order_uuid", models.UUIDField(db_index=True, verbose_name="order")),
                (
                    "service_level",
                    models.CharField(blank=True, max_length=256, verbose_name="service level"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                    ),
                ),
                (
                    "operation_key",
                    models.CharField(db_collation="C", editable=False, max_length=200, unique=True),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.fulfillmentlocation",
                        verbose_name="location",
                    ),
                ),
            ],
            options={
                "verbose_name": "fulfilment request",
                "verbose_name_plural": "fulfilment requests",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FulfillmentFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ASSIGNED", "Assigned"),
                            ("PACKED", "Packed"),
                            ("COMPLETED", "Sent"),
                            ("HANDED_OVER", "Handed over"),
                            ("FAILED", "Failed"),
                        ],
                        max_length=11,
                        verbose_name="kind",
                    ),
                ),
                ("items", models.JSONField(default=list, verbose_name="items")),
                (
                    "associate_id",
                    models.CharField(db_collation="C", max_length=128, verbose_name="associate"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                    ),
                ),
                (
                    "operation_key",
                    models.CharField(db_collation="C", editable=False, max_length=200, unique=True),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="fulfilment.fulfillmentrequest",
                        verbose_name="request",
                    ),
                ),
            ],
            options={
                "verbose_name": "fulfilment fact",
                "verbose_name_plural": "fulfilment facts",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LocationAvailability",
            fields=[
                (
                    "location",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="availability",
                        serialize=False,
                        to="locations.fulfillmentlocation",
                        verbose_name="location",
                    ),
                ),
                (
                    "safety_stock",
                    models.IntegerField(db_default=0, default=0, verbose_name="safety stock"),
                ),
                (
                    "last_import_at",
                    models.DateTimeField(null=True, verbose_name="last stock import"),
                ),
            ],
            options={
                "verbose_name": "availability of a location",
                "verbose_name_plural": "availability of locations",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("safety_stock__gte", 0), ("safety_stock__lte", 1000000000)
                        ),
                        name="safety_stock_of_location_in_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mispick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("MISPICK", "Mispick"), ("MISPACK", "Mispack")],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                ("order_uuid", models.UUIDField(db_index=True, verbose_name="order")),
                ("item_uuid", models.UUIDField(verbose_name="item")),
                ("reason", models.CharField(blank=True, max_length=32, verbose_name="reason")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "associate_id",
                    models.CharField(db_collation="C", max_length=128, verbose_name="associate"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="updated"
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
                        verbose_name="user",
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="counts.count",
                        verbose_name="count",
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
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "mispick",
                "verbose_name_plural": "mispicks",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["-updated_at", "-id"], name="mispick_by_time"),
                    models.Index(
                        fields=["location", "-updated_at", "-id"], name="mispick_by_store"
                    ),
                    models.Index(fields=["product", "-updated_at"], name="mispick_by_product"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SafetyStockUpload",
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
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("IN_PROGRESS", "In progress"),
                            ("DONE", "Done"),
                            ("FAILED", "Failed"),
                        ],
                        default="IN_PROGRESS",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                ("data", models.BinaryField(default=b"")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("failure_reason", models.TextField(blank=True, verbose_name="failure")),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="received",
                    ),
                ),
                ("completed_at", models.DateTimeField(null=True, verbose_name="completed")),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "safety stock upload",
                "verbose_name_plural": "safety stock uploads",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "IN_PROGRESS")),
                        fields=("state",),
                        name="one_safety_stock_upload",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StockLevel",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "location_id",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("safety_stock", models.IntegerField(null=True, verbose_name="safety stock")),
                (
                    "allocated",
                    models.IntegerField(db_default=0, default=0, verbose_name="allocated"),
                ),
                (
                    "soft_reserved",
                    models.IntegerField(db_default=0, default=0, verbose_name="reserved"),
                ),
                (
                    "future_quantity",
                    models.IntegerField(db_default=0, default=0, verbose_name="future quantity"),
                ),
                (
                    "future_date",
                    models.DateField(null=True, verbose_name="future availability date"),
                ),
                (
                    "future_allocated",
                    models.IntegerField(db_default=0, default=0, verbose_name="future allocated"),
                ),
                ("mispicked_at", models.DateTimeField(null=True, verbose_name="last mispick")),
                (
                    "mispicked_after",
                    models.BigIntegerField(db_default=0, default=0, editable=False),
                ),
                (
                    "last_import_at",
                    models.DateTimeField(null=True, verbose_name="last stock import"),
                ),
                (
                    "written_in",
                    inventory.models.written.WrittenIn(
                        db_default=inventory.models.written.ThisTransaction(),
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.fulfillmentlocation",
                        verbose_name="location",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock level",
                "verbose_name_plural": "stock levels",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["product", "location"], name="level_by_product"),
                    models.Index(fields=["written_in"], name="level_by_writer"),
                    models.Index(
                        condition=models.Q(("mispicked_at__isnull", False)),
                        fields=["location", "product"],
                        name="level_mispicked",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("safety_stock__gte", 0), ("safety_stock__lte", 1000000000)
                        ),
                        name="safety_stock_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("allocated__gte", 0), ("allocated__lte", 1000000000)),
                        name="allocated_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("soft_reserved__gte", 0), ("soft_reserved__lte", 1000000000)
                        ),
                        name="soft_reserved_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("future_quantity__gte", 0), ("future_quantity__lte", 1000000000)
                        ),
                        name="future_quantity_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("future_allocated__gte", 0), ("future_allocated__lte", 1000000000)
                        ),
                        name="future_allocated_in_range",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stocklevel",
            trigger=pgtrigger.compiler.Trigger(
                name="level_tells_its_writer",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."allocated" IS DISTINCT FROM (NEW."allocated") OR OLD."future_allocated" IS DISTINCT FROM (NEW."future_allocated") OR OLD."future_date" IS DISTINCT FROM (NEW."future_date") OR OLD."future_quantity" IS DISTINCT FROM (NEW."future_quantity") OR OLD."mispicked_at" IS DISTINCT FROM (NEW."mispicked_at") OR OLD."safety_stock" IS DISTINCT FROM (NEW."safety_stock") OR OLD."soft_reserved" IS DISTINCT FROM (NEW."soft_reserved"))',
                    func="NEW.written_in = pg_current_xact_id(); RETURN NEW;",
                    hash="6a45b5a7b7e989c868bfd33d0d29f367b338d929",
                    operation="UPDATE",
                    pgid="pgtrigger_level_tells_its_writer_a1b8d",
                    table="fulfilment_stocklevel",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stocklevel",
            trigger=pgtrigger.compiler.Trigger(
                name="level_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="e0aa6e93be1920a497564a1e169b894b27768c96",
                    operation="DELETE",
                    pgid="pgtrigger_level_stays_b8711",
                    table="fulfilment_stocklevel",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(AVAILABILITY, "DROP VIEW fulfilment_availability"),
    ]
