"""Walking a list by its keys: every row once and in order, whatever is written meanwhile."""

import html
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from inventory.models import InventoryTransaction, StockOnHand
from inventory.tables import MovementTable, ProductTable, StockTable, TransactionTable
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.locations.tables import LocationTable
from omnichannel.web import keyset
from omnichannel.web.listing import Position, read_page
from omnichannel.web.lists import ListPage
from omnichannel.web.tables import render

from . import drawn
from .drawn import Drawn, many

FEW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
S = "/store-operations/inventory"
sizes = st.integers(1, 7)


class Kind(NamedTuple):
    """A list, how one of its rows is made, and what has to be there before."""

    table: type
    row: st.SearchStrategy
    add: Callable[[Drawn, tuple], Any]
    ground: tuple[str, ...] = ()
    # Rows that may go while somebody walks.
    may_go: Callable[[Any], bool] = lambda row: True


KINDS = {
    "stock": Kind(StockTable, drawn.stock_rows, Drawn.add_stock, ("products", "places")),
    "products": Kind(ProductTable, drawn.products, Drawn.add_product),
    "locations": Kind(LocationTable, drawn.places, Drawn.add_place),
    "transactions": Kind(
        TransactionTable,
        drawn.documents,
        Drawn.add_document,
        ("places",),
        lambda row: row.status != InventoryTransaction.Status.COMPLETED,
    ),
    "movements": Kind(
        MovementTable,
        drawn.movements,
        Drawn.add_movement,
        ("products", "places", "documents"),
        lambda row: False,
    ),
}
GROUND = {
    "products": (drawn.products, Drawn.add_product),
    "places": (drawn.places, Drawn.add_place),
    "documents": (drawn.documents, Drawn.add_document),
}


def limits(examples: int) -> Callable:
    return settings(max_examples=examples, deadline=None, suppress_health_check=FEW)


def laid(kind: Kind, data: st.DataObject, using: str = "default") -> Drawn:
    """The rows that those of the list lean on."""
    made = Drawn(using)
    for name in kind.ground:
        row, add = GROUND[name]
        for values in data.draw(many(row, 5), name):
            add(made, values)
    return made


def orders(table: type) -> list[keyset.Order]:
    """The usual order, and every sort that a column offers, both ways."""
    columns = [name for name, column in table.base_columns.items() if column.orderable]
    sorts = [("", False), *((name, way) for name in columns for way in (False, True))]
    return [keyset.ordering(table, name, is_descending=way) for name, way in sorts]


def in_order(table: type, order: keyset.Order) -> list[tuple]:
    """Every row's values along the order, sorted by Python: NULL is the largest value."""
    rows = list(table.model._base_manager.values_list(*(path for path, _ in order)))
    assert len(set(rows)) == len(rows), "the order is total"
    rows.sort(key=lambda row: [(value is None, value) for value in row], reverse=order[0][1])
    assert len({descending for _path, descending in order}) == 1
    return rows


class Walk:
    """Pages of a list from one end to the other, each read from the position the last one told."""

    def __init__(self, table: type, order: keyset.Order, size: int) -> None:
        self.table, self.order, self.size = table, order, size
        self.visible = tuple(table.base_columns)
        paths = [path for path, _ in order]
        fetched = list(dict.fromkeys([*render(table, self.visible)[0], *paths]))
        self.places = [fetched.index(path) for path in paths]

    def page(self, token: str = "", *, back: bool = False) -> tuple[list[tuple], str, str]:
        """The rows' values along the order, and the positions before and after them."""
        values = keyset.unpack(self.table.model, self.order, token) if token else None
        rows = self.table.model._base_manager.all()
        position = Position(values, is_backward=back)
        page = read_page(self.table, rows, self.visible, self.order, position, self.size)
        assert len(page.rows) <= self.size
        found = [tuple(row[place] for place in self.places) for row in page.rows]
        return found, page.previous, page.next

    def forward(self) -> Iterator[tuple[list[tuple], str]]:
        found, previous, token = self.page()
        assert previous == ""
        yield found, previous
        while token:
            found, previous, token = self.page(token)
            yield found, previous

    def backward(self) -> Iterator[list[tuple]]:
        found, token, following = self.page(back=True)
        assert following == ""
        yield found
        while token:
            found, token, _following = self.page(token, back=True)
            yield found


@pytest.mark.django_db
@pytest.mark.parametrize("name", KINDS)
@limits(15)
@given(data=st.data())
def test_both_ways_every_row_is_visited_once_and_in_order(name, data):
    kind = KINDS[name]
    with transaction.atomic():
        made = laid(kind, data)
        for values in data.draw(many(kind.row, 14), name):
            kind.add(made, values)
        size = data.draw(sizes, "size")
        for order in orders(kind.table):
            note(f"order {order}")
            expected = in_order(kind.table, order)
            walk = Walk(kind.table, order, size)
            pages = list(walk.forward())
            assert [row for page, _ in pages for row in page] == expected
            assert [len(page) for page, _ in pages[:-1]] == [size] * (len(pages) - 1)
            # From every page one step back shows the page before it.
            for (page, _), (_next, previous) in zip(pages, pages[1:], strict=False):
                assert walk.page(previous, back=True)[0] == page
            back = list(walk.backward())
            assert [row for page in reversed(back) for row in page] == expected
        transaction.set_rollback(True)


# ---------------------------------------------------------------- while others write
@pytest.fixture
def rival(transactional_db) -> Iterator[str]:
    """The name of a second connection, whose writes stand at once."""
    connections["rival"] = connection.copy("rival")
    yield "rival"
    connections["rival"].close()
    del connections["rival"]


def emptied(using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "TRUNCATE inventory_stockmovement, inventory_inventorytransaction,"
            " inventory_inventorytransactionline, inventory_adjustmentreason, inventory_stockonhand,"
            " catalog_price, catalog_productidentifier, catalog_product, catalog_pricebook,"
            " locations_fulfillmentlocation, locations_locationaccess CASCADE"
        )


events = st.lists(
    st.tuples(st.sampled_from(["insert", "delete"]), drawn.indices), min_size=1, max_size=3
)


class Rivals:
    """Writes between two pages, by the other connection."""

    def __init__(self, kind: Kind, made: Drawn, data: st.DataObject) -> None:
        self.kind, self.made, self.data = kind, made, data
        self.rows: list[Any] = []
        self.gone: set[Any] = set()

    def insert(self) -> Any:
        row = self.kind.add(self.made, self.data.draw(self.kind.row, "inserted"))
        if row is not None:
            self.rows.append(row)
        return row

    def delete(self, index: int) -> None:
        free = [row for row in self.rows if self.kind.may_go(row) and row.pk not in self.gone]
        if free:
            row = drawn.one(free, index)
            self.gone.add(row.pk)
            rows = self.kind.table.model._base_manager.using(self.made.using)
            assert rows.filter(pk=row.pk)._raw_delete(self.made.using) == 1

    def act(self) -> None:
        for what, index in self.data.draw(events, "meanwhile"):
            if what == "insert":
                self.insert()
            else:
                self.delete(index)


@pytest.mark.parametrize("name", KINDS)
@limits(20)
@given(data=st.data())
def test_whatever_is_written_meanwhile_no_row_comes_twice_and_none_is_missed(rival, name, data):
    kind = KINDS[name]
    emptied(rival)
    rivals = Rivals(kind, laid(kind, data, rival), data)
    for values in data.draw(many(kind.row), name):
        row = kind.add(rivals.made, values)
        if row is not None:
            rivals.rows.append(row)
    order = data.draw(st.sampled_from(orders(kind.table)), "order")
    before = set(in_order(kind.table, order))
    back = data.draw(st.booleans(), "back")
    walk = Walk(kind.table, order, data.draw(sizes, "size"))
    seen: list[tuple] = []
    found, *tokens = walk.page(back=back)
    for _page in range(60):
        seen += reversed(found) if back else found
        token = tokens[0] if back else tokens[1]
        if not token:
            break
        # Some twenty writes, then the walk may end.
        if _page < 8:
            rivals.act()
        found, *tokens = walk.page(token, back=back)
    else:
        pytest.fail("the walk does not end")
    stayed = before & set(in_order(kind.table, order))
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)
    upwards = back == order[0][1]
    keys = [[(value is None, value) for value in row] for row in seen]
    assert keys == sorted(keys, reverse=not upwards)


def pages_by_number(size: int, between: Callable[[int], None]) -> list[str]:
    """The walk that a page number makes, over product ids."""
    seen: list[str] = []
    for number in range(100):
        rows = Product.objects.order_by("product_id")[number * size : (number + 1) * size]
        found = [row.product_id for row in rows]
        if not found:
            break
        seen += found
        between(number)
    return seen


def pages_by_key(size: int, between: Callable[[int], None]) -> list[str]:
    walk = Walk(ProductTable, keyset.ordering(ProductTable, "", is_descending=False), size)
    found, _previous, token = walk.page()
    seen = [row[0] for row in found]
    for number in range(100):
        between(number)
        if not token:
            break
        found, _previous, token = walk.page(token)
        seen += [row[0] for row in found]
    return seen


def ten_products(using: str) -> Drawn:
    emptied(using)
    made = Drawn(using)
    for n in range(10):
        made.add_product((f"m{n}", "", "", "", "", "", True))
    return made


def test_control_by_page_number_an_insert_repeats_a_row(rival):
    def insert(number: int) -> None:
        if number < 3:
            made.add_product((f"a{number}", "", "", "", "", "", True))

    made = ten_products(rival)
    seen = pages_by_number(3, insert)
    assert len(seen) > len(set(seen))
    made = ten_products(rival)
    assert pages_by_key(3, insert) == [f"m{n}" for n in range(10)]


def test_control_by_page_number_a_deletion_hides_a_row(rival):
    def delete(number: int) -> None:
        Product.objects.using(rival).filter(product_id=f"m{number}").delete()

    ten_products(rival)
    assert "m3" not in pages_by_number(3, delete)
    ten_products(rival)
    assert pages_by_key(3, delete) == [f"m{n}" for n in range(10)]


# ---------------------------------------------------------------- as a browser walks
PAGES = {
    "stock": f"{S}/stock-on-hand/",
    "products": "/catalog/products/",
    "locations": "/settings/locations/",
    "transactions": f"{S}/transactions/",
    "movements": f"{S}/movements/",
}


def rows_of(response: Any) -> list[str]:
    return re.findall(r'<tr role="row"><td.*?</tr>', response.content.decode(), re.DOTALL)


def link(response: Any, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', response.content.decode())
    return html.unescape(found[1]) if found else ""


@pytest.mark.parametrize("name", PAGES)
@limits(4)
@given(data=st.data())
def test_the_links_of_the_pages_lead_over_every_row_and_back(client, monkeypatch, name, data):
    kind, url = KINDS[name], PAGES[name]
    with transaction.atomic():
        made = laid(kind, data)
        for values in data.draw(many(kind.row, 14), name):
            kind.add(made, values)
        monkeypatch.setattr(ListPage, "page_sizes", (1_000,))
        whole = rows_of(client.get(url))
        monkeypatch.setattr(ListPage, "page_sizes", (data.draw(sizes, "size"),))
        response = client.get(url)
        pages = [rows_of(response)]
        while following := link(response, "next"):
            response = client.get(url + following)
            pages.append(rows_of(response))
            assert len(pages) <= len(whole)
        assert [row for page in pages for row in page] == whole
        for page in reversed(pages[:-1]):
            response = client.get(url + link(response, "prev"))
            assert rows_of(response) == page
        assert link(response, "prev") == ""
        transaction.set_rollback(True)


def test_the_five_lists_are_the_ones_walked_here():
    models = {kind.table.model for kind in KINDS.values()}
    assert {StockOnHand, Product, FulfillmentLocation, InventoryTransaction} < models
    assert [len(orders(kind.table)) for kind in KINDS.values()] == [17, 13, 7, 5, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("letter", ["x", "語", "😀", '"', "\\", "\x01"])
def test_names_as_long_as_they_may_be_are_walked_too(letter):
    made = Drawn()
    for n in "123":
        made.add_product((letter * 255 + n, letter * 512, letter * 256, "", "", "", True))
    for order in orders(ProductTable):
        pages = list(itertools.islice(Walk(ProductTable, order, 1).forward(), 9))
        assert [row for page, _ in pages for row in page] == in_order(ProductTable, order)


@pytest.fixture
def alike(db):
    """Documents of one moment, of another, and of none."""
    made = Drawn()
    made.add_place(("DE-01", "", "", "DE", "UTC", None, True, True))
    moment = datetime(2011, 3, 25, tzinfo=UTC)
    for completed_at in (None, None, moment, moment, moment, moment + timedelta(days=1)):
        made.add_document(("RECEIVING", 0, "IN_PROGRESS", completed_at, "", "ann", None))


def walked(way):
    order = keyset.ordering(TransactionTable, "completed", is_descending=way)
    pages = list(itertools.islice(Walk(TransactionTable, order, 2).forward(), 9))
    return [row for page, _ in pages for row in page], in_order(TransactionTable, order)


def test_control_without_the_nulls_rows_are_missed(alike, monkeypatch):
    monkeypatch.setattr(keyset, "is_nullable", lambda model, path: False)
    seen, expected = walked(False)
    assert (len(seen), len(expected)) == (4, 6)


@pytest.mark.parametrize("way", [False, True])
def test_control_without_a_tie_break_rows_are_missed(alike, monkeypatch, way):
    seen, expected = walked(way)
    assert seen == expected
    after = keyset.after

    def lead_only(model, order, values):
        return after(model, order[:1], values[:1])

    monkeypatch.setattr(keyset, "after", lead_only)
    assert len(walked(way)[0]) < 6
