import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Counts with their zones, what was seen in them and what came of it; new tables only."""

    dependencies = [
        ("catalog", "0002_scan_identifiers"),
        ("counts", "0001_initial"),
        ("inventory", "0004_full_counts"),
        ("locations", "0004_return_conditions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Count",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "type",
                    models.CharField(
                        choices=[("CYCLE", "Cycle Count"), ("FULL", "Full Count")],
                        max_length=5,
                        verbose_name="type",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("IN_PROGRESS", "In Progress"),
                            ("COMPLETED", "Completed"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PENDING",
                        max_length=11,
                        verbose_name="status",
                    ),
                ),
                ("name", models.CharField(max_length=256, verbose_name="name")),
                ("name_key", models.CharField(db_collation="C", editable=False, max_length=300)),
                (
                    "external_id",
                    models.CharField(
                        db_collation="C", max_length=256, null=True, verbose_name="external ID"
                    ),
                ),
                ("due_date", models.DateField(verbose_name="due date")),
                ("is_blind", models.BooleanField(default=False, verbose_name="blind")),
                (
                    "tolerance_units",
                    models.PositiveIntegerField(null=True, verbose_name="tolerance in units"),
                ),
                (
                    "tolerance_percent",
                    models.PositiveIntegerField(null=True, verbose_name="tolerance in percent"),
                ),
                (
                    "tolerance_value",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="tolerance in money",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                    ),
                ),
                (
                    "activation_requested_at",
                    models.DateTimeField(null=True, verbose_name="activation requested"),
                ),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                (
                    "associate_id",
                    models.CharField(
                        blank=True, db_collation="C", max_length=128, verbose_name="associate"
                    ),
                ),
                (
                    "completion_requested_at",
                    models.DateTimeField(null=True, verbose_name="completion requested"),
                ),
                ("completion_note", models.TextField(blank=True, verbose_name="reason")),
                ("completed_at", models.DateTimeField(null=True, verbose_name="completed")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled")),
                ("frozen_at", models.DateTimeField(editable=False, null=True)),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "activation_requested_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="activated by",
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
                    "cancelled_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="cancelled by",
                    ),
                ),
                (
                    "completion_requested_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="completed by",
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
                (
                    "transaction",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="count",
                        to="inventory.inventorytransaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "count",
                "verbose_name_plural": "counts",
                "indexes": [
                    models.Index(fields=["due_date", "id"], name="count_by_due_date"),
                    models.Index(fields=["location", "due_date", "id"], name="count_by_store"),
                    models.Index(fields=["status", "due_date", "id"], name="count_by_status"),
                    models.Index(fields=["name_key", "id"], name="count_by_name"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("location", "external_id"), name="count_external_id_once_per_store"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("activation_requested_at__isnull", False),
                            ("status__in", ("PENDING", "IN_PROGRESS")),
                            ("type", "FULL"),
                        ),
                        fields=("location",),
                        name="one_active_full_count_per_store",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ("IN_PROGRESS", "COMPLETED")), _negated=True),
                            ("started_at__isnull", False),
                            _connector="OR",
                        ),
                        name="count_under_way_has_started",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("completed_at__isnull", False), ("status", "COMPLETED")),
                            models.Q(
                                models.Q(("status", "COMPLETED"), _negated=True),
                                ("completed_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="count_completed_has_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountAnswer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "count_id",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("PROPOSAL", "The proposal"),
                            ("ALREADY_COUNTED", "Already counted"),
                            ("NOT_YET_COUNTED", "Not yet counted"),
                            ("ZERO", "Set to 0"),
                            ("LEAVE", "Leave as it is"),
                        ],
                        max_length=15,
                        verbose_name="answer",
                    ),
                ),
                ("counted", models.IntegerField(null=True, verbose_name="counted")),
                ("low", models.IntegerField(verbose_name="lowest variance")),
                ("high", models.IntegerField(verbose_name="highest variance")),
                (
                    "answered_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="answered",
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
                        verbose_name="answered by",
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="counts.count",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer",
                "verbose_name_plural": "answers",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CountBatch",
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
            ],
            options={
                "verbose_name": "batch of counts",
                "verbose_name_plural": "batches of counts",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="count",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="counts",
                to="counts.countbatch",
                verbose_name="batch",
            ),
        ),
        migrations.CreateModel(
            name="CountLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "count_id",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("expected", models.IntegerField(null=True, verbose_name="expected")),
                ("is_listed", models.BooleanField(default=True, verbose_name="listed")),
                (
                    "count",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="counts.count",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a count",
                "verbose_name_plural": "lines of counts",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CountResult",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "count_id",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("expected", models.IntegerField(verbose_name="expected")),
                ("counted", models.IntegerField(null=True, verbose_name="counted")),
                ("book", models.IntegerField(verbose_name="on hand")),
                ("low", models.IntegerField(verbose_name="lowest variance")),
                ("high", models.IntegerField(verbose_name="highest variance")),
                ("wide_low", models.IntegerField(verbose_name="lowest variance over the count")),
                ("wide_high", models.IntegerField(verbose_name="highest variance over the count")),
                ("delta", models.IntegerField(null=True, verbose_name="variance")),
                (
                    "mark",
                    models.CharField(
                        choices=[
                            ("CLEAR", "Clear"),
                            ("TRADED", "Traded while counted"),
                            ("AMBIGUOUS", "Ambiguous"),
                        ],
                        max_length=9,
                        verbose_name="mark",
                    ),
                ),
                (
                    "question",
                    models.CharField(blank=True, max_length=9, verbose_name="question"),
                ),
                ("choice", models.CharField(blank=True, max_length=15, verbose_name="answer")),
                ("first_at", models.DateTimeField(verbose_name="first observation")),
                ("last_at", models.DateTimeField(verbose_name="last observation")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, verbose_name="price"
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="counts.count",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "result of a count",
                "verbose_name_plural": "results of counts",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CountZone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True, db_collation="C", max_length=64, verbose_name="zone"
                    ),
                ),
                ("name_key", models.CharField(db_collation="C", editable=False, max_length=400)),
                ("is_planned", models.BooleanField(default=True, verbose_name="planned")),
                (
                    "precounted",
                    models.PositiveIntegerField(null=True, verbose_name="counted before"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="zones",
                        to="counts.count",
                    ),
                ),
            ],
            options={
                "verbose_name": "zone",
                "verbose_name_plural": "zones",
                "default_permissions": (),
                "indexes": [models.Index(fields=["count", "name_key", "id"], name="zone_by_name")],
                "constraints": [
                    models.UniqueConstraint(fields=("count", "name"), name="zone_once_per_count")
                ],
            },
        ),
        migrations.CreateModel(
            name="LateCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("movement_id", models.BigIntegerField(unique=True, verbose_name="movement")),
                (
                    "count",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="late_corrections",
                        to="counts.count",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.inventorytransaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction of a late movement",
                "verbose_name_plural": "corrections of late movements",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RecountRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "requested_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="requested",
                    ),
                ),
                ("done_at", models.DateTimeField(null=True, verbose_name="done")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="withdrawn")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recounts",
                        to="counts.count",
                    ),
                ),
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
                    "zone",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recounts",
                        to="counts.countzone",
                    ),
                ),
            ],
            options={
                "verbose_name": "requested recount",
                "verbose_name_plural": "requested recounts",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("zone__isnull", False), ("product__isnull", False), _connector="OR"
                        ),
                        name="recount_of_something",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("done_at__isnull", True), ("withdrawn_at__isnull", True)
                        ),
                        fields=("count", "zone", "product"),
                        name="recount_requested_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ZoneSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField(verbose_name="pass")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN", "Counting"),
                            ("COMPLETED", "Completed"),
                            ("DROPPED", "Dropped"),
                        ],
                        default="OPEN",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                (
                    "associate_id",
                    models.CharField(db_collation="C", max_length=128, verbose_name="associate"),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("heartbeat_at", models.DateTimeField(verbose_name="last heard of")),
                ("taken_over_at", models.DateTimeField(null=True, verbose_name="taken over")),
                ("completed_at", models.DateTimeField(null=True, verbose_name="completed")),
                ("first_at", models.DateTimeField(null=True, verbose_name="first observation")),
                ("last_at", models.DateTimeField(null=True, verbose_name="last observation")),
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="counts.count",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="counts.countzone",
                    ),
                ),
            ],
            options={
                "verbose_name": "session of a zone",
                "verbose_name_plural": "sessions of zones",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["count", "zone", "number"], name="session_by_count")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("zone", "number"), name="session_number_once_per_zone"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "OPEN")),
                        fields=("zone",),
                        name="one_associate_per_zone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "COMPLETED"), _negated=True),
                            ("completed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="session_completed_has_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Observation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("count_id", models.BigIntegerField(editable=False)),
                ("key", models.CharField(db_collation="C", max_length=64, verbose_name="key")),
                (
                    "code",
                    models.CharField(
                        blank=True, db_collation="C", max_length=256, verbose_name="code"
                    ),
                ),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("observed_at", models.DateTimeField(verbose_name="observed")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("is_late", models.BooleanField(default=False, verbose_name="late")),
                (
                    "associate_id",
                    models.CharField(db_collation="C", max_length=128, verbose_name="associate"),
                ),
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
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="counts.zonesession",
                    ),
                ),
            ],
            options={
                "verbose_name": "observation",
                "verbose_name_plural": "observations",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["count_id", "product"], name="observation_by_product")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("session", "key"), name="observation_once_per_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gte", -1000000000), ("quantity__lte", 1000000000)
                        ),
                        name="observed_quantity_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("observed_at__lte", models.F("received_at"))),
                        name="nothing_is_observed_in_the_future",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="count",
            trigger=pgtrigger.compiler.Trigger(
                name="count_end_is_final",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IN ('COMPLETED', 'CANCELLED'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ad978b9229e76b30a5592043080f82438f9bc8e7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_count_end_is_final_eff66",
                    table="counts_count",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="countresult",
            trigger=pgtrigger.compiler.Trigger(
                name="result_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fdcc051c2d3df86d6966cff2c9d2c4a81dbfe410",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_result_is_append_only_4c46a",
                    table="counts_countresult",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="observation",
            trigger=pgtrigger.compiler.Trigger(
                name="observation_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a281a769329a594f06a2cb4351cf771fd6f075c3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_observation_is_append_only_effe5",
                    table="counts_observation",
                    when="BEFORE",
                ),
            ),
        ),
    ]
