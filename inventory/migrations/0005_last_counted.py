from django.db import migrations, models


class Migration(migrations.Migration):
    """Stock On Hand tells when a row was last counted without reading all of its movements."""

    dependencies = [("inventory", "0004_full_counts")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="stockonhand",
            name="counted_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last counted"),
        ),
    ]
