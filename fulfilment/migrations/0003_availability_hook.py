from django.db import migrations, models


class Migration(migrations.Migration):
    """Where an outside system is asked what may be promised; a table of its own with one row."""

    dependencies = [
        ("fulfilment", "0002_takeovers"),
    ]

    operations = [
        migrations.CreateModel(
            name="AvailabilityHook",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("url", models.CharField(max_length=2048, verbose_name="URL")),
                ("sealed_api_key", models.TextField()),
                (
                    "external_identifier",
                    models.CharField(max_length=128, verbose_name="product identifier"),
                ),
                ("timeout", models.SmallIntegerField(verbose_name="patience in seconds")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
            ],
            options={
                "verbose_name": "availability hook",
                "verbose_name_plural": "availability hooks",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="one_availability_hook"
                    )
                ],
            },
        ),
    ]
