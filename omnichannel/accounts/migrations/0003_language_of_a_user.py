from django.db import migrations, models

import omnichannel.accounts.models


class Migration(migrations.Migration):
    """Everybody reads in his own language; empty means the browser's.

    The database's own default fills the rows without rewriting them, and lets code that knows no
    language insert users.
    """

    dependencies = [("accounts", "0002_roles")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True,
                choices=omnichannel.accounts.models.languages,
                db_default="",
                default="",
                help_text="Empty means the language of the browser.",
                max_length=12,
                verbose_name="language",
            ),
        ),
        migrations.RunSQL("RESET lock_timeout", "SET LOCAL lock_timeout = '2s'"),
    ]
