import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The admin shows these names in the reader's language; the database is not touched."""

    dependencies = [
        ("inventory", "0002_physical_shape"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="inventorytransaction",
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
        migrations.AlterField(
            model_name="inventorytransaction",
            name="corrects",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="inventory.inventorytransaction",
                verbose_name="corrects",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerverification",
            name="differences",
            field=models.BigIntegerField(verbose_name="differences"),
        ),
        migrations.AlterField(
            model_name="ledgerverification",
            name="finished_at",
            field=models.DateTimeField(verbose_name="finished"),
        ),
        migrations.AlterField(
            model_name="ledgerverification",
            name="movements",
            field=models.BigIntegerField(verbose_name="movements"),
        ),
        migrations.AlterField(
            model_name="ledgerverification",
            name="started_at",
            field=models.DateTimeField(verbose_name="started"),
        ),
        migrations.AlterField(
            model_name="ledgerverification",
            name="stock_rows",
            field=models.BigIntegerField(verbose_name="stock rows"),
        ),
    ]
