from django.db import migrations, models


class Migration(migrations.Migration):
    """How long things are kept for orders and for customers; the table has one row."""

    dependencies = [
        ("locations", "0005_profiles_and_configuration"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="configuration",
            name="customer_reservation_minutes",
            field=models.PositiveIntegerField(
                db_default=1440,
                default=1440,
                verbose_name="minutes until the reservation of a customer ends",
            ),
        ),
        migrations.AddField(
            model_name="configuration",
            name="reservation_timeout_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="configuration",
            name="reservation_timeout_seconds",
            field=models.PositiveIntegerField(
                db_default=900,
                default=900,
                verbose_name="seconds until the reservation of an order ends",
            ),
        ),
        migrations.AddField(
            model_name="configuration",
            name="send_accepted_emails",
            field=models.BooleanField(
                db_default=False,
                default=False,
                verbose_name="customers are told of accepted reservations",
            ),
        ),
        migrations.AddField(
            model_name="configuration",
            name="send_rejected_emails",
            field=models.BooleanField(
                db_default=False,
                default=False,
                verbose_name="customers are told of rejected reservations",
            ),
        ),
    ]
