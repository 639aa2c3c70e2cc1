import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The admin shows these names in the reader's language; the database is not touched."""

    dependencies = [
        ("locations", "0002_stock_locations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="locationaccess",
            name="location",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="locations.fulfillmentlocation",
                verbose_name="location",
            ),
        ),
        migrations.AlterField(
            model_name="locationaccess",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="location_access",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
    ]
