"""Who can log in, told at every start of the demo."""

from collections.abc import Iterator

import psycopg
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from psycopg import sql

# By name, as everything above this room.
LOAD, LOGINS, PASSWORD = "demo.DemoLoad", "demo.people.LOGINS", "demo.people.password"


def lines(url: str) -> Iterator[str]:
    """Of the database at `url`, which is not the one of this process's settings."""
    user = sql.Identifier(get_user_model()._meta.db_table)
    load = sql.Identifier(apps.get_model(LOAD)._meta.db_table)
    with psycopg.connect(url) as connection:
        passwords: dict[str, str] = dict(
            connection.execute(sql.SQL("SELECT username, password FROM {}").format(user)).fetchall()
        )
        is_demo = connection.execute(sql.SQL("SELECT FROM {}").format(load)).fetchall()
    if not passwords:
        yield _("Nobody can log in yet: .venv/bin/python manage.py createsuperuser")
    if not is_demo:
        return
    demo = [login for login in import_string(LOGINS) if login.username in passwords]
    width = max((len(login.username) for login in demo), default=0)
    for login in demo:
        yield f"{login.username:<{width}}  {login.what}"
    password = import_string(PASSWORD)()
    if demo and check_password(password, passwords[demo[0].username]):
        yield _("Password of all: %s") % password
