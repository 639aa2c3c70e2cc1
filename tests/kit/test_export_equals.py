"""What a list exports is what its filters say, row by row: both are worked out in Python here."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import AdjustmentReason, InventoryTransaction, StockMovement, StockOnHand
from omnichannel.catalog.models import Price, Product, ProductIdentifier
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from omnichannel.web.columns import FORMULA_SAFE, Text

from . import drawn
from .drawn import Drawn, many

S = "/store-operations/inventory"
FORMULA_STARTS = "\t\n\r+-=@＋－＝＠"
# Letters of which Python and PostgreSQL agree what their other case is.
SEARCHED = ["a", "A", "z", "=", "%", "_", "\\", "x%", "R-", "r-1", "R-1", "1", "日", "none such"]
Words = dict[str, list[str]]
Test = Callable[[Any, list[str]], bool]


# ---------------------------------------------------------------- how a cell reads
def text(value: str | None) -> str:
    return f"'{value}" if value and value[0] in FORMULA_STARTS else value or ""


def number(value: Any) -> str:
    return "" if value is None else str(value)


def yes(value: bool) -> str:
    return "Yes" if value else "No"


def stamp(value: datetime | None, place: FulfillmentLocation) -> str:
    return value.astimezone(ZoneInfo(place.time_zone)).isoformat() if value else ""


def label(choices: Any, value: str) -> str:
    return text(str(choices(value).label))


def name(row: Any) -> str:
    return text(row and row.name)


def code(row: Any) -> str:
    return text(row and row.code)


def shelf(row: Any) -> str:
    return text(row and row.display_name)


def price(row: StockOnHand) -> str:
    book = row.location.pricebook_id
    found = Price.objects.filter(pricebook=book, product=row.product).first() if book else None
    return number(found and found.value)


def stock_cells(row: StockOnHand) -> dict[str, str]:
    return {
        "name": name(row.product),
        "product_id": text(row.product.product_id),
        "sku": text(row.product.sku),
        "size": text(row.product.size),
        "color": text(row.product.color),
        "price": price(row),
        "store": name(row.location),
        "location": code(row.location),
        "stock_location": shelf(row.stock_location),
        "on_hand": number(row.quantity),
        "counted": stamp(row.counted_at, row.location),
    }


def transaction_cells(row: InventoryTransaction) -> dict[str, str]:
    return {
        "type": label(InventoryTransaction.Type, row.type),
        "adjustment_type": text(row.reason and row.reason.type),
        "adjustment_reason": text(row.reason and row.reason.subtype),
        "started": stamp(row.started_at, row.location),
        "completed": stamp(row.completed_at, row.location),
        "store": name(row.location),
        "from_name": name(row.from_location),
        "to_name": name(row.to_location),
        "from_id": code(row.from_location),
        "from_stock_location": shelf(row.from_stock_location),
        "to_stock_location": shelf(row.to_stock_location),
        "associate": text(row.associate_id),
        "status": label(InventoryTransaction.Status, row.status),
        "reference": text(row.reference),
    }


def movement_cells(row: StockMovement) -> dict[str, str]:
    made_by = row.transaction
    return {
        "happened": stamp(row.happened_at, row.location),
        "type": label(InventoryTransaction.Type, made_by.type),
        "reason": text(made_by.reason and made_by.reason.subtype),
        "reference": text(made_by.reference),
        "name": name(row.product),
        "product_id": text(row.product.product_id),
        "store": name(row.location),
        "stock_location": shelf(row.stock_location),
        "quantity": number(row.quantity),
        "balance": number(row.balance),
        "location": code(row.location),
        "associate": text(made_by.associate_id),
        "note": text(made_by.note),
    }


def product_cells(row: Product) -> dict[str, str]:
    columns = ("name", "product_id", "sku", "size", "color", "variant_group")
    return {**{c: text(getattr(row, c)) for c in columns}, "active": yes(row.is_active)}


def location_cells(row: FulfillmentLocation) -> dict[str, str]:
    return {
        "name": name(row),
        "code": code(row),
        "kind": label(FulfillmentLocation.Kind, row.kind),
        "store_id": text(row.store_id),
        "city": text(row.city),
        "country": text(row.country_code),
        "time_zone": text(row.time_zone),
        "currency": text(row.pricebook and row.pricebook.currency),
        "ours": yes(row.is_inventory_master),
        "enabled": yes(row.is_enabled),
    }


# ---------------------------------------------------------------- what a filter means
def at(row: Any, path: str) -> Any:
    for part in path.split("."):
        row = getattr(row, part)
    return row


def among(path: str) -> Test:
    return lambda row, values: str(at(row, path)) in values


def among_words(path: str) -> Test:
    return lambda row, values: at(row, path) in values[0].split(",")


def day(row: Any, field: str) -> date | None:
    moment = getattr(row, field)
    return moment and moment.astimezone(ZoneInfo(row.location.time_zone)).date()


def since(field: str) -> Test:
    return lambda row, values: bool(day(row, field)) and day(row, field) >= to_day(values)


def until(field: str) -> Test:
    return lambda row, values: bool(day(row, field)) and day(row, field) <= to_day(values)


def to_day(values: list[str]) -> date:
    return date.fromisoformat(values[0])


def holds(conditions: dict[str, Callable[[Any], bool]]) -> Test:
    return lambda row, values: any(conditions[value](row) for value in values)


def searched(texts: Callable[[Any], Iterable[str]], exact: Callable[[Any], Iterable[str]]) -> Any:
    """The rows that a search finds, out of all: the exact ones alone, if there are any."""

    def find(rows: Iterable[Any], sought: str, *, anywhere: bool) -> set[Any]:
        same = {row.pk for row in rows if sought in exact(row)}
        if same and not anywhere:
            return same
        return {row.pk for row in rows if any(sought.lower() in t.lower() for t in texts(row))}

    return find


def product_texts(row: Product) -> list[str]:
    return [row.name, row.product_id, row.sku]


def product_codes(row: Product) -> list[str]:
    further = ProductIdentifier.objects.filter(product=row).values_list("value", flat=True)
    return [row.product_id, row.sku, *further]


def quantity(test: Callable[[int], bool]) -> Callable[[Any], bool]:
    return lambda row: test(row.quantity)


find_products = searched(product_texts, product_codes)
DIRECTIONS = {
    "in": quantity(lambda n: n > 0),
    "out": quantity(lambda n: n < 0),
    "right": quantity(lambda n: n == 0),
}


class Page(NamedTuple):
    """One list: its rows, what each filter means, what may be asked of the drawn rows."""

    url: str
    model: type
    order: str
    cells: Callable[[Any], dict[str, str]]
    tests: dict[str, Test]
    # What `q` looks through, and where the found row stands.
    find: Any
    through: str
    add: tuple[tuple[st.SearchStrategy, Callable], ...]
    # Left out unless it is asked for.
    base: Callable[[Any, Words], bool] = lambda row, words: True
    # Matches every row, so that an export is allowed.
    everything: Words = {}
    headers: tuple[str, ...] = ()


GROUND = (
    (drawn.products, Drawn.add_product),
    (drawn.places, Drawn.add_place),
    (drawn.documents, Drawn.add_document),
)
PAGES = {
    "stock": Page(
        url=f"{S}/stock-on-hand/",
        model=StockOnHand,
        order="location_id product_id stock_location_id",
        cells=stock_cells,
        tests={
            "store": among("location.code"),
            "stock_location": among("stock_location.name"),
            "size": among("product.size"),
            "color": among("product.color"),
            "product": among_words("product.product_id"),
            "level": holds(
                {
                    "negative": quantity(lambda n: n < 0),
                    "out": quantity(lambda n: n == 0),
                    "low": quantity(lambda n: 1 <= n <= 5),
                    "above": quantity(lambda n: n > 5),
                }
            ),
            "on_hand_min": lambda row, values: row.quantity >= int(values[0]),
            "on_hand_max": lambda row, values: row.quantity <= int(values[0]),
            "counted_after": since("counted_at"),
            "counted_before": until("counted_at"),
            "counting": holds(
                {
                    "never": lambda row: row.counted_at is None,
                    "once": lambda row: row.counted_at is not None,
                }
            ),
        },
        find=find_products,
        through="product",
        add=((drawn.stock_rows, Drawn.add_stock),),
        base=lambda row, words: (
            row.location.is_inventory_master
            and ("stock_location" in words or row.stock_location.name != StockLocation.IN_TRANSIT)
        ),
        everything={"on_hand_min": ["-99"]},
        headers=(
            "Product Name", "Product ID", "SKU", "Size", "Color", "Price", "Store Name",
            "Fulfillment Location", "Stock Location", "On Hand", "Last Counted",
        ),
    ),
    "transactions": Page(
        url=f"{S}/transactions/",
        model=InventoryTransaction,
        order="completed_at id",
        cells=transaction_cells,
        tests={
            "type": among("type"),
            "store": among("location.code"),
            "completed_after": since("completed_at"),
            "completed_before": until("completed_at"),
            "status": among("status"),
            "reason": lambda row, values: row.reason and str(row.reason.uuid) in values,
            "associate": among_words("associate_id"),
        },
        find=searched(lambda row: [row.reference], lambda row: [row.reference]),
        through="",
        add=(),
        base=lambda row, words: row.type not in InventoryTransaction.HIDDEN_TYPES,
        everything={"associate": ["ann,bob,+bob"]},
        headers=(
            "Type", "Adjustment Type", "Adjustment Reason", "Started", "Completed", "Store", "From",
            "To", "From ID", "From Stock Location", "To Stock Location", "Associate", "Status",
            "Reference",
        ),
    ),
    "movements": Page(
        url=f"{S}/movements/",
        model=StockMovement,
        order="id",
        cells=movement_cells,
        tests={
            "type": among("transaction.type"),
            "store": among("location.code"),
            "stock_location": among("stock_location.name"),
            "happened_after": since("happened_at"),
            "happened_before": until("happened_at"),
            "product": among_words("product.product_id"),
            "reference": among_words("transaction.reference"),
            "direction": holds(DIRECTIONS),
        },
        find=find_products,
        through="product",
        add=((drawn.movements, Drawn.add_movement),),
        everything={"direction": ["in", "out", "right"]},
        headers=(
            "Happened", "Type", "Reason", "Reference", "Product Name", "Product ID", "Store Name",
            "Stock Location", "Change", "Balance (stock location)", "Fulfillment Location",
            "Associate", "Note",
        ),
    ),
    "products": Page(
        url="/catalog/products/",
        model=Product,
        order="product_id",
        cells=product_cells,
        tests={
            "size": among("size"),
            "color": among("color"),
            "style": among_words("variant_group"),
            "state": holds(
                {"active": lambda row: row.is_active, "inactive": lambda row: not row.is_active}
            ),
        },
        find=find_products,
        through="",
        add=(),
        headers=("Product Name", "Product ID", "SKU", "Size", "Color", "Style", "Active"),
    ),
    "locations": Page(
        url="/settings/locations/",
        model=FulfillmentLocation,
        order="code",
        cells=location_cells,
        tests={
            "kind": among("kind"),
            "country": among_words("country_code"),
            "stock": holds(
                {
                    "ours": lambda row: row.is_inventory_master,
                    "erp": lambda row: not row.is_inventory_master,
                }
            ),
        },
        find=searched(lambda row: [row.name, row.code, row.city], lambda row: [row.code]),
        through="",
        add=(),
        headers=(
            "Name", "ID", "Type", "Store ID", "City", "Country", "Time Zone", "Currency",
            "Stock Is Ours", "Enabled",
        ),
    ),
}  # fmt: skip


# ---------------------------------------------------------------- what is asked
def is_plain(value: str) -> bool:
    return value != "" and value == value.strip() and "," not in value


def several(values: Iterable[str]) -> st.SearchStrategy[list[str]]:
    """One value at least; half of them and more, often, so that something is found."""
    known = sorted(set(values))
    least = st.sampled_from([1, (len(known) + 1) // 2, len(known)])
    return least.flatmap(lambda n: st.lists(st.sampled_from(known), min_size=n, unique=True))


def joined(values: Iterable[str]) -> st.SearchStrategy[list[str]]:
    """Values of a filter that takes words: the plain ones, and one that no row has."""
    plain = [value for value in values if is_plain(value)]
    return several([*plain, "no-such-word"]).map(lambda chosen: [",".join(chosen)])


def single(values: st.SearchStrategy) -> st.SearchStrategy[list[str]]:
    return values.map(lambda value: [str(value)])


DAYS = single(st.integers(-2, 4).map(lambda n: date(2011, 3, 26) + timedelta(days=n)))
NUMBERS = single(st.integers(-8, 7))


def asked(page: Page, made: Drawn) -> dict[str, st.SearchStrategy[list[str]]]:
    """What may stand in the address, word by word, of these rows."""
    types, ours = InventoryTransaction.Type, [p for p in made.places if p.is_inventory_master]
    listed = [kind for kind in types.values if kind not in InventoryTransaction.HIDDEN_TYPES]
    is_stock = page.model is StockOnHand
    sizes, ids = ["S", "M", "é", "x%", "_", "10"], [p.product_id for p in made.products]
    known = {
        "store": several([p.code for p in (ours if is_stock else made.places)] or ["DE-01"]),
        "stock_location": several(drawn.SHELVES),
        "size": several(sizes),
        "color": several(sizes),
        "style": joined(sizes),
        "product": joined(ids),
        "level": several(["negative", "out", "low", "above"]),
        "on_hand_min": NUMBERS,
        "on_hand_max": NUMBERS,
        "type": several(listed if page.model is InventoryTransaction else types.values),
        "completed_after": DAYS,
        "completed_before": DAYS,
        "counted_after": DAYS,
        "counted_before": DAYS,
        "counting": several(["never", "once"]),
        "happened_after": DAYS,
        "happened_before": DAYS,
        "status": several(InventoryTransaction.Status.values),
        "reason": several(str(reason.uuid) for reason in AdjustmentReason.objects.all()),
        "associate": joined(["ann", "bob", "+bob"]),
        "reference": joined(["R-1", "R-2", "r-1", "R_1", "=R", "ü"]),
        "direction": several(DIRECTIONS),
        "state": several(["active", "inactive"]),
        "kind": several(["STORE", "DC"]),
        "country": joined(["DE", "GB", "JP"]),
        "stock": several(["ours", "erp"]),
    }
    return {word: known[word] for word in page.tests}


def expected(page: Page, words: Words, sought: str, *, anywhere: bool) -> list[dict[str, str]]:
    rows = list(page.model._base_manager.all())
    rows.sort(
        key=lambda row: [(getattr(row, f) is None, getattr(row, f)) for f in page.order.split()]
    )
    if sought:
        looked = Product.objects.all() if page.through else rows
        found = page.find(list(looked), sought, anywhere=anywhere)
        rows = [row for row in rows if (at(row, page.through) if page.through else row).pk in found]
    return [
        page.cells(row)
        for row in rows
        if page.base(row, words) and all(page.tests[word](row, words[word]) for word in words)
    ]


def filled(data: st.DataObject, page: Page) -> Drawn:
    made = Drawn()
    for row, add in (*GROUND, *page.add):
        for values in data.draw(many(row, 14, least=8)):
            add(made, values)
    for product in made.products[::2]:
        made.add_price(0, product, "9.90")
        made.add_price(1, product, "1234567890.00")
    made.add_identifier(made.products[-1], "R-1")
    return made


@pytest.mark.parametrize("kind", PAGES)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_file_holds_what_the_filters_say(client, kind, data):
    page = PAGES[kind]
    with transaction.atomic():
        made = filled(data, page)
        choices = asked(page, made)
        names = data.draw(st.lists(st.sampled_from(sorted(choices)), max_size=2, unique=True))
        words = {word: data.draw(choices[word], word) for word in names}
        sought = data.draw(st.sampled_from([*[""] * 25, *SEARCHED]), "q")
        anywhere = data.draw(st.booleans(), "anywhere")
        if not words and not sought:
            words = dict(page.everything)
        address = {**words, "q": sought, **({"match": "any"} if anywhere else {})}
        answer = client.get(f"{page.url}?{urlencode({**address, 'export': 'csv'}, doseq=True)}")
        rows = list(csv.reader(io.StringIO(b"".join(answer).decode(), newline="")))
        wanted = expected(page, words, sought, anywhere=anywhere)
        assert rows[0] == list(page.headers)
        assert rows[1:] == [list(row.values()) for row in wanted]
        shown = data.draw(st.permutations(sorted(page.cells(page.model._base_manager.first()))))[:4]
        address |= {"cols": ".".join(shown)}
        answer = client.get(f"{page.url}?{urlencode({**address, 'export': 'csv'}, doseq=True)}")
        rows = list(csv.reader(io.StringIO(b"".join(answer).decode(), newline="")))
        assert rows[1:] == [[row[column] for column in shown] for row in wanted]
        counted = client.get(f"{page.url}?{urlencode({**address, 'count': 'only'}, doseq=True)}")
        assert counted.context["total"]["count"] == len(wanted)
        transaction.set_rollback(True)


def test_control_a_cell_made_unsafe_is_seen(client, monkeypatch):
    made = Drawn()
    made.add_product(("=1+1", "+2", "", "", "", "", True))

    def cells() -> list[str]:
        answer = client.get("/catalog/products/?export=csv&cols=product_id.name")
        return list(csv.reader(io.StringIO(b"".join(answer).decode())))[1]

    assert cells() == ["'=1+1", "'+2"]
    assert "65291" in FORMULA_SAFE
    monkeypatch.setattr(Text, "is_text", False)
    assert cells() == ["=1+1", "+2"]


def test_control_a_filter_that_is_left_out_is_seen(client, monkeypatch):
    made = Drawn()
    for product_id, size in (("a", "S"), ("b", "M")):
        made.add_product((product_id, "", "", size, "", "", True))
    url = "/catalog/products/?export=csv&cols=product_id&size=S"
    assert b"".join(client.get(url)).decode().splitlines() == ["Product ID", "a"]
    wanted = expected(PAGES["products"], {"size": ["S"]}, "", anywhere=False)
    assert [row["product_id"] for row in wanted] == ["a"]
    monkeypatch.setattr("omnichannel.web.filters.Values.filter", lambda self, rows, values: rows)
    assert b"".join(client.get(url)).decode().splitlines() == ["Product ID", "a", "b"]
