"""Loading the demo: everything or nothing, once."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from inventory import ledger
from omnichannel.accounts.models import ApiClient, User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from . import apparel, keepers, masterdata, notices, promises, readers, stocktakes
from .history import History, Type
from .masterdata import Store
from .models import DemoLoad
from .people import CLIENT, LOGINS, load_people
from .progress import Progress

DATA = Path(__file__).parent / "data"


class NotEmpty(ActionError):
    """The database holds something else than the demo; nothing was written."""


class Summary(NamedTuple):
    """What one load brought in; counts, and the lines that name no store by type."""

    stores: int
    centres: int
    products: int
    apparel: int
    opening_lines: int
    apparel_lines: int
    deliveries: int
    delivery_lines: int
    asns: int
    counts: int
    movement_lines: Counter[str]
    without_store: Counter[str]
    ledger: ledger.LoadReport
    shifted_weeks: int
    latest: datetime


def load_demo(
    *, now: datetime, progress: Progress | None = None, folder: Path = DATA
) -> Summary | None:
    """Fill an empty database from `folder`; None if the demo is already here.

    Runs inside the caller's transaction. The year is moved by whole weeks, to end in the last
    finished ISO week before `now`; how many weeks stays in `DemoLoad` and is never redone.

    Raises:
        NotEmpty: locations, products or users of the demo's names are already here.
        BadFile: a data file has a bad row; the text names file, line, column and cause.
    """
    with connection.cursor() as cursor:
        # Two starts at once: the second waits, and then finds the demo loaded.
        cursor.execute("LOCK TABLE demo_demoload IN EXCLUSIVE MODE")
    if DemoLoad.objects.exists():
        return None
    refuse_if_occupied()
    return fill(now, progress or Progress(), folder)


def fill(now: datetime, progress: Progress, folder: Path) -> Summary:
    """The load itself, into tables that hold nothing of business."""
    places = dict(StockLocation.objects.values_list("name", "pk"))
    pricebooks = masterdata.load_pricebooks()
    centres = masterdata.load_centres()
    stores = masterdata.load_stores(folder, pricebooks, centres)
    progress.done("stores", len(stores))
    catalogue = masterdata.load_catalogue(folder, pricebooks)
    products = len(catalogue.history) + len(catalogue.apparel)
    progress.done("products", products)

    main_id = places[StockLocation.MAIN]
    known = readers.Known(stores, catalogue.history, readers.load_reasons(main_id), main_id)
    history = History()
    opening_lines = readers.read_opening(folder, known, history)
    progress.done("read opening stock", opening_lines)
    apparel_lines = apparel.simulate(stores, catalogue.apparel, places, history)
    progress.done("apparel", apparel_lines)
    before = history.line_count()
    deliveries = readers.read_deliveries(folder, known, history)
    delivery_lines = history.line_count() - before
    progress.done("read deliveries", delivery_lines)
    movement_lines = readers.read_movements(folder, known, history)
    progress.done("read movements", movement_lines.total())

    # After the files: a hash of a password takes longer than finding a bad row.
    load_people()
    progress.done("people", len(LOGINS))

    weeks, documents = history.moved_to_last_week(now)
    report = ledger.load(documents, history.lines(), progress=progress.done)
    arrived = last_deliveries(history, stores)
    asns = notices.simulate(stores, arrived, places, now)
    progress.done("asns", asns)
    counts = stocktakes.simulate(stores, arrived, places, now)
    progress.done("counts", counts)
    progress.done("further stores", keepers.simulate(pricebooks, catalogue.apparel, places, now))
    progress.done("promises", promises.simulate(stores, arrived, places, now))
    DemoLoad.objects.create(loaded_at=now, shifted_weeks=weeks)
    return Summary(
        stores=len(stores),
        centres=len(centres),
        products=products,
        apparel=len(catalogue.apparel),
        opening_lines=opening_lines,
        apparel_lines=apparel_lines,
        deliveries=deliveries,
        delivery_lines=delivery_lines,
        asns=asns,
        counts=counts,
        movement_lines=movement_lines,
        without_store=history.without_store,
        ledger=report,
        shifted_weeks=weeks,
        latest=max(document.happened_at for document in documents),
    )


def last_deliveries(history: History, stores: dict[str, Store]) -> dict[str, notices.Lines]:
    """What each store received last: units by product, of products that are sold."""
    code_of = {store.id: code for code, store in stores.items()}
    found = {code_of[store]: lines for store, lines in history.last_lines(Type.RECEIVING).items()}
    sold = set(Product.objects.filter(is_active=True).values_list("pk", flat=True))
    return {code: [line for line in lines if line[0] in sold] for code, lines in found.items()}


def refuse_if_occupied() -> None:
    for model in (FulfillmentLocation, Product):
        if number := model.objects.count():
            raise NotEmpty(
                _(
                    "This database already holds %(things)s (%(number)s) that are not the demo's. "
                    "Load the demo into an empty database."
                )
                % {"number": number, "things": model._meta.verbose_name_plural}
            )
    names = [login.username for login in LOGINS]
    if ApiClient.objects.filter(client_id=CLIENT).exists():
        names_taken = _("An API client called %s is already here, and the demo brings one.")
        raise NotEmpty(names_taken % CLIENT)
    if taken := User.objects.filter(username__in=names).values_list("username", flat=True).first():
        raise NotEmpty(
            _(
                "A user called %s is already here, and the demo brings one. "
                "Rename yours, or load the demo into an empty database."
            )
            % taken
        )
