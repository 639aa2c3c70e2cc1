import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("principal", models.CharField(db_collation="C", max_length=64)),
                ("key", models.CharField(db_collation="C", max_length=255)),
                ("fingerprint", models.CharField(db_collation="C", max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.TextField(blank=True)),
                ("location", models.CharField(blank=True, max_length=512)),
                ("is_kept", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "verbose_name": "idempotency key",
                "verbose_name_plural": "idempotency keys",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_kept", False)),
                        fields=["created_at"],
                        name="idempotency_key_by_age",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("principal", "key"), name="answered_once_per_key"
                    )
                ],
            },
        ),
    ]
