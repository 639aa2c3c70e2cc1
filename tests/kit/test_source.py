"""Where a list's rows come from: one page, their number and the file, by one protocol."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import StockOnHand
from inventory.tables import ProductTable, StockTable
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web import keyset
from omnichannel.web.source import LedSource, QuerySetSource, source_of
from tests.people import person, store

STOCK = "/store-operations/inventory/stock-on-hand/"
KEY = ("location_id", "product_id", "stock_location_id")


@pytest.fixture
def stores(world):
    """Four stores whose names run against their ids, two of them alike, with five products each."""
    places = [world.berlin, world.tokyo, store("DE-02"), store("DE-03")]
    for place, name in zip(places, ("Zwickau", "Mainz", "Mainz", "Aachen"), strict=True):
        place.name = name
        place.save()
    products = [world.product(f"P-{number}") for number in range(5)]
    for place in places:
        world.post(*((p, n) for n, p in enumerate(products)), where=place, type="STOCK_IMPORT")
    return places


def walked(source: QuerySetSource, order: keyset.Order, size: int) -> list[list[tuple]]:
    """The keys of the list, page by page."""
    paths = tuple(path for path, _ in order)
    pages, after = [], None
    while found := source.page(paths, order, after, size):
        pages.append([dict(zip(paths, row, strict=False)) for row in found])
        after = list(found[-1][: len(paths)])
    return [[tuple(row[path] for path in KEY) for row in page] for page in pages]


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("size", [1, 3, 5, 7, 50])
def test_stores_walked_one_by_one_give_the_same_pages_as_a_sort_of_all(stores, is_descending, size):
    order = keyset.ordering(StockTable, "store", is_descending)
    rows = StockOnHand.objects.all()
    pages = walked(LedSource(StockTable, rows), order, size)
    assert pages == walked(QuerySetSource(StockTable, rows), order, size)
    assert sum(map(len, pages)) == 20
    names = dict(FulfillmentLocation.objects.values_list("pk", "name"))
    met = list(dict.fromkeys(names[key[0]] for page in pages for key in page))
    assert met == sorted(["Aachen", "Mainz", "Zwickau"], reverse=is_descending)


def test_a_filter_that_empties_the_first_stores_does_not_end_the_walk(stores):
    order = keyset.ordering(StockTable, "store", is_descending=False)
    rows = StockOnHand.objects.filter(location=stores[0], quantity__gte=2)
    assert walked(LedSource(StockTable, rows), order, 2) == [
        [(stores[0].pk, key[1], key[2]) for key in page]
        for page in walked(QuerySetSource(StockTable, rows), order, 2)
    ]
    assert StockOnHand.objects.filter(location=stores[0], quantity__gte=2).count() == 3


def statements(source: QuerySetSource, column: str) -> str:
    order = keyset.ordering(StockTable, column, is_descending=False)
    with CaptureQueriesContext(connection) as queries:
        source.page(tuple(path for path, _ in order), order, None, 5)
    return " ".join(query["sql"] for query in queries)


def test_only_a_sort_by_what_leads_the_key_walks_place_by_place(stores):
    rows = StockOnHand.objects.all()
    assert "LATERAL" in statements(LedSource(StockTable, rows), "store")
    assert "LATERAL" not in statements(LedSource(StockTable, rows), "name")
    assert "LATERAL" not in statements(LedSource(StockTable, rows), "")
    assert "LATERAL" not in statements(QuerySetSource(StockTable, rows), "store")


def test_a_table_names_its_source_and_others_read_a_queryset(world):
    assert type(source_of(StockTable, StockOnHand.objects.all())) is LedSource
    assert type(source_of(ProductTable, StockOnHand.objects.all())) is QuerySetSource


class Backwards(QuerySetSource):
    """Tells something else than its queryset in all three answers."""

    def page(self, fetch, order, after, limit):
        return super().page(fetch, order, after, limit)[:1]

    def count(self, most):
        return 4711

    def all(self, fields):
        sql, params = super().all(fields)
        return f"SELECT * FROM ({sql}) AS every LIMIT 2", params


def test_page_total_and_file_all_come_from_the_source(client, stores, monkeypatch):
    monkeypatch.setattr(StockTable, "source", Backwards)
    page = client.get(STOCK, {"on_hand_min": "0"}).content.decode()
    assert page.count('class="num c-qty"><a') == 1
    total = client.get(STOCK, {"on_hand_min": "0", "count": "only"}).content.decode()
    assert "4,711" in total
    file = client.get(STOCK, {"on_hand_min": "0", "export": "csv"}).getvalue().decode()
    assert len(file.splitlines()) == 3


def test_a_file_that_begins_at_once_is_still_whole_and_in_the_order_of_the_key(stores):
    sql, params = QuerySetSource(StockTable, StockOnHand.objects.all()).all(KEY)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchall()
    assert len(found) == 20
    assert found == sorted(found)


def test_both_ways_to_the_users_stores_lead_to_the_same_rows(stores):
    scope = {"stock_scope": "OWN_STORES"}
    one = person("one", "Store Manager", stores=(stores[1],), **scope)
    none = person("none", "Store Manager", **scope)
    every = person("every", "Store Manager")
    for user, expected in ((one, 5), (none, 0), (every, 20), (AnonymousUser(), 0)):
        joined = StockOnHand.objects.visible_to(user)
        by_index = StockOnHand.objects.visible_to(user, by_index=True)
        assert set(joined.values_list(*KEY)) == set(by_index.values_list(*KEY))
        assert by_index.count() == expected
