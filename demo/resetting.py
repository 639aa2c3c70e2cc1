"""Throwing the demo away and loading it again."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext as _

from omnichannel.catalog.models import ScanIdentifier
from omnichannel.documents import ActionError
from omnichannel.locations.models import StockLocation

from .loading import DATA, Summary, fill
from .models import DemoLoad
from .people import LOGINS, remove_people
from .progress import Progress

# The rooms whose tables are business, not installation. Stock locations and what a
# scan matches are the house's own.
ROOMS = (
    # What was answered under a key names documents that are gone.
    "api",
    "jobs",
    "eventstream",
    "imports",
    "exports",
    "catalog",
    "locations",
    "inventory",
    "asn",
    "transfers",
    "counts",
    "fulfilment",
    "demo",
)
KEPT = (StockLocation, ScanIdentifier)


class NoDemo(ActionError):
    """There is no demo here, so somebody's own data would be deleted."""


class Doomed(NamedTuple):
    """One table that a reset empties."""

    name: str
    rows: int


def doomed_models() -> list[type[models.Model]]:
    return [
        model
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if model._meta.managed and model not in KEPT
    ]


def doomed() -> list[Doomed]:
    """What a reset would empty now, tables without rows left out.

    Raises:
        NoDemo: the database does not hold the demo.
    """
    if not DemoLoad.objects.exists():
        raise NoDemo(
            _("This database does not hold the demo, so nothing is deleted. Run load_demo.")
        )
    counted = (
        Doomed(str(model._meta.verbose_name_plural), model._base_manager.count())
        for model in doomed_models()
    )
    return [table for table in counted if table.rows]


def consequences() -> Iterator[str]:
    """What a reset deletes and what it leaves, to be read before it is confirmed."""
    yield _("This deletes, for good:")
    for table in doomed():
        yield f"  {table.rows:>11,} {table.name}"
    yield _("  and the users %s with their settings.") % ", ".join(
        login.username for login in LOGINS
    )
    yield _("Other users stay; which stores they were given is deleted with the stores.")
    yield _("Then the demo is loaded anew. Pages wait until it is done.")


def reset_demo(*, now: datetime, progress: Progress | None = None, folder: Path = DATA) -> Summary:
    """Empty the business tables and load the demo, its year moved to last week again.

    Runs inside the caller's transaction: if the load fails, nothing was deleted.

    Raises:
        NoDemo, BadFile
    """
    doomed()
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in doomed_models())
    with connection.cursor() as cursor:
        # Without CASCADE: a table of another room that points here is an error, not a loss.
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY")
    remove_people()
    return fill(now, progress or Progress(), folder)
