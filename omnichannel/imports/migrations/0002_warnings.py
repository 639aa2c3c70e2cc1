from django.db import migrations, models


class Migration(migrations.Migration):
    """Some of what is strange about a row does not keep it out, and is told all the same."""

    dependencies = [("imports", "0001_imports")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="importproblem",
            name="is_warning",
            field=models.BooleanField(db_default=False, default=False, verbose_name="warning"),
        ),
    ]
