import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4)),
                ("name", models.CharField(db_collation="C", max_length=64, verbose_name="event")),
                (
                    "entity_id",
                    models.CharField(
                        db_collation="C", max_length=256, verbose_name="domain entity ID"
                    ),
                ),
                ("published_at", models.DateTimeField(verbose_name="published")),
                ("body", models.TextField()),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "indexes": [
                    models.Index(fields=["published_at", "id"], name="event_by_publication")
                ],
            },
        ),
        migrations.CreateModel(
            name="Integration",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        db_collation="C", max_length=50, verbose_name="Integration ID"
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[("PERMANENT", "Permanent"), ("TEMPORARY", "Temporary")],
                        default="PERMANENT",
                        max_length=9,
                        verbose_name="type",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[("WEBHOOK", "Webhook"), ("S3", "S3")],
                        default="WEBHOOK",
                        max_length=7,
                        verbose_name="target",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("RUNNING", "Running"), ("STOPPED", "Stopped")],
                        default="RUNNING",
                        max_length=7,
                        verbose_name="status",
                    ),
                ),
                ("callback_url", models.TextField(blank=True, verbose_name="callback URL")),
                ("sealed_api_key", models.TextField(blank=True)),
                ("sealed_secret", models.TextField(blank=True)),
                ("sealed_previous_secret", models.TextField(blank=True)),
                ("previous_secret_until", models.DateTimeField(null=True)),
                ("sealed_aws_access_key_id", models.TextField(blank=True)),
                ("sealed_aws_secret_access_key", models.TextField(blank=True)),
                ("aws_region", models.CharField(blank=True, max_length=64)),
                ("bucket", models.CharField(blank=True, max_length=255)),
                ("key_prefix", models.CharField(blank=True, max_length=64)),
                (
                    "event_filter",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                (
                    "entity_filter",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                ("starts_at", models.DateTimeField(null=True, verbose_name="from")),
                ("ends_at", models.DateTimeField(null=True, verbose_name="until")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created"),
                ),
                ("deleted_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("resume_at", models.DateTimeField(null=True)),
                ("last_success_at", models.DateTimeField(null=True, verbose_name="last success")),
                ("last_failure_at", models.DateTimeField(null=True, verbose_name="last failure")),
                ("last_file_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "integration",
                "verbose_name_plural": "integrations",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at", None)),
                        fields=("name",),
                        name="one_registered_integration_per_id",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_at__isnull", False),
                                ("starts_at__isnull", False),
                                ("type", "TEMPORARY"),
                            ),
                            models.Q(("ends_at__isnull", True), ("type", "PERMANENT")),
                            _connector="OR",
                        ),
                        name="temporary_integrations_have_a_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PENDING", "Waiting"),
                            ("DELIVERED", "Delivered"),
                            ("REJECTED", "Rejected"),
                            ("EXPIRED", "Expired"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PENDING",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease", models.IntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="deliveries",
                        to="eventstream.event",
                    ),
                ),
                (
                    "integration",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="eventstream.integration",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempted_at", models.DateTimeField(verbose_name="attempted at")),
                (
                    "status",
                    models.CharField(
                        choices=[("SUCCESS", "Success"), ("FAILURE", "Failure")],
                        max_length=7,
                        verbose_name="status",
                    ),
                ),
                ("code", models.PositiveSmallIntegerField(verbose_name="answer")),
                ("body", models.TextField(blank=True)),
                ("response_time_ms", models.PositiveIntegerField(verbose_name="time in ms")),
                (
                    "retries_remaining",
                    models.PositiveSmallIntegerField(verbose_name="retries remaining"),
                ),
                ("filename", models.TextField(blank=True)),
                (
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="tries",
                        to="eventstream.delivery",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="eventstream.event",
                    ),
                ),
                (
                    "integration",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="eventstream.integration",
                    ),
                ),
            ],
            options={
                "verbose_name": "attempt",
                "verbose_name_plural": "attempts",
            },
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("integration_started", "Started"),
                            ("integration_stopped", "Stopped"),
                            ("retry_triggered", "Retry triggered"),
                        ],
                        max_length=24,
                        verbose_name="action",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created"),
                ),
                (
                    "integration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="log",
                        to="eventstream.integration",
                    ),
                ),
            ],
            options={
                "verbose_name": "log entry",
                "verbose_name_plural": "log entries",
            },
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "PENDING")),
                fields=["integration", "id"],
                name="delivery_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "REJECTED")),
                fields=["integration", "id"],
                name="delivery_rejected",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("event", "integration"), name="delivered_once_to_each"
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["attempted_at", "id"], name="attempt_by_time"),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["integration", "attempted_at", "id"], name="attempt_of_one"),
        ),
        # Room for the claim beside the row: it is updated once before it is done, and once after.
        migrations.RunSQL(
            """
            ALTER TABLE eventstream_delivery SET (
                fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,
                autovacuum_vacuum_threshold = 2000);
            ALTER TABLE eventstream_integration SET (fillfactor = 50);
            """,
            migrations.RunSQL.noop,
        ),
    ]
