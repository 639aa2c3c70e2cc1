"""A position in an address is text of a stranger: whatever it holds, the answer is a page."""

import base64
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Subquery

from inventory.models import InventoryTransaction, StockOnHand
from inventory.tables import ProductTable, StockTable, TransactionTable
from omnichannel.catalog.models import Product
from omnichannel.web import keyset

STOCK = "/store-operations/inventory/stock-on-hand/"
NOTICE = "position in this address was not understood"
ORDER = keyset.ordering(StockTable, "name", is_descending=False)


def token(values: object) -> str:
    """What a stranger might write who knows how a position is packed."""
    if isinstance(values, list):
        values = [keyset.signature(ORDER), *values]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


NONSENSE = [
    "",
    "%",
    "=",
    "AAAA",
    "é",
    "A" * 100_000,
    token({}),
    token(None),
    token([]),
    token(["name", 1, 2]),
    token(["name", 1, 2, 3, 4]),
    token([None, 1, 2, 3]),
    token(["name", None, 2, 3]),
    token(["name", "x", 2, 3]),
    token(["name", 2**31, 2, 3]),
    token(["name", -(2**31) - 1, 2, 3]),
    token(["name", 10**400, 2, 3]),
    token(["name", 1.5e300, 2, 3]),
    token(["name", True, 2, 3]),
    token(["name", [1], 2, 3]),
    token(["name", {"a": 1}, 2, 3]),
    token(["name", 1, 2, 2**40]),
    token(["a\0b", 1, 2, 3]),
    token(["\ud800", 1, 2, 3]),
    token([[[[[[]]]]], 1, 2, 3]),
    base64.urlsafe_b64encode(b"[" * 3000).decode(),
    base64.urlsafe_b64encode(b'[%d, "name", NaN, 2, 3]' % keyset.signature(ORDER)).decode(),
    base64.urlsafe_b64encode(b'[%d, "name", Infinity, 2, 3]' % keyset.signature(ORDER)).decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]


@pytest.mark.parametrize("text", NONSENSE, ids=lambda text: text[:24])
def test_what_was_not_written_here_is_refused(text):
    with pytest.raises(keyset.BadCursor):
        keyset.unpack(StockOnHand, ORDER, text)


@pytest.mark.parametrize("word", ["after", "before"])
@pytest.mark.parametrize("text", [text for text in NONSENSE if text], ids=lambda text: text[:24])
def test_the_page_says_so_and_is_the_first(client, world, word, text):
    world.post((world.product("P-1"), 3))
    page = client.get(STOCK, {"sort": "name", word: text[:4000]})
    assert page.status_code == 200
    assert NOTICE in page.content.decode()
    assert "P-1" in page.content.decode()


def test_control_what_was_written_here_is_understood(client, world):
    product = world.product("P-1", "Éclair = 1")
    world.post((product, 3))
    row = StockOnHand.objects.get()
    values = [product.name_key, product.pk, row.location_id, row.stock_location_id]
    assert keyset.unpack(StockOnHand, ORDER, keyset.pack(ORDER, values)) == values
    page = client.get(STOCK, {"sort": "name", "before": keyset.pack(ORDER, values)})
    assert NOTICE not in page.content.decode()


def test_a_position_of_another_order_is_refused():
    by_size = keyset.ordering(StockTable, "", is_descending=False)
    with pytest.raises(keyset.BadCursor):
        keyset.unpack(StockOnHand, by_size, keyset.pack(ORDER, ["name", 1, 2, 3]))


def test_the_page_says_so_of_a_position_of_another_sort(client, world):
    """Same number and kinds of values, so that nothing but the order tells them apart."""
    for n in range(30):
        world.post((world.product(f"P-{n:02}", sku=f"S-{n:02}"), 3))
    url = f"{STOCK}?rows=25&sort=product_id"
    token = re.search(r"after=([\w-]+)", client.get(url).content.decode())[1]
    assert NOTICE not in client.get(f"{url}&after={token}").content.decode()
    for sort in ("-product_id", "sku", "size"):
        page = client.get(f"{STOCK}?rows=25&sort={sort}&after={token}").content.decode()
        assert NOTICE in page
        assert page.count('<tr role="row"><td') == 25


def test_a_moment_without_a_zone_is_refused_and_one_with_it_is_exact():
    order = keyset.ordering(TransactionTable, "", is_descending=False)
    moment = datetime(2026, 11, 13, 6, 0, 0, 123456, UTC)
    packed = keyset.pack(order, [moment, 7])
    assert keyset.unpack(InventoryTransaction, order, packed) == [moment, 7]
    for text in ["2026-11-13 06:00:00", "2026-13-01T00:00:00Z", "yesterday", 5]:
        with pytest.raises(keyset.BadCursor):
            keyset.unpack(InventoryTransaction, order, keyset.pack(order, [text, 7]))


@pytest.mark.django_db
@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("by", ["reason__type", "completed_at"])
def test_pieces_around_null_are_disjoint_and_complete(world, by, is_descending):
    """After every row come exactly the rows that stand behind it, NULLs among them."""
    for n in range(6):
        reason = world.reason.pk if n % 2 else None
        kind = "ADJUSTMENT" if reason else "SHIPMENT"
        world.post((world.product(f"P-{n}"), -1 if reason else 1), type=kind, reason_id=reason)
    order = ((by, is_descending), ("id", is_descending))
    every = list(InventoryTransaction.objects.order_by(*keyset.by(order)).values_list(by, "id"))
    assert len(every) == 6
    for place, values in enumerate(every):
        pieces = keyset.after(InventoryTransaction, order, list(values))
        found = [
            row
            for piece in pieces
            for row in InventoryTransaction.objects.filter(piece)
            .order_by(*keyset.by(order))
            .values_list(by, "id")
        ]
        assert found == every[place + 1 :]


def test_every_order_ends_in_the_key():
    for table in (StockTable, ProductTable, TransactionTable):
        for name, column in table.base_columns.items():
            if column.orderable:
                paths = [path for path, _ in keyset.ordering(table, name, is_descending=True)]
                assert set(table.key) <= set(paths)
                assert len(paths) == len(set(paths))


def test_packing_keeps_what_json_cannot_say():
    packed = keyset.pack(ORDER, [Decimal("9.90"), None, "x"])
    assert json.loads(base64.urlsafe_b64decode(packed + "=="))[1:] == ["9.90", None, "x"]


@pytest.mark.django_db
def test_a_table_that_reads_itself_twice_is_refused():
    class Twice(ProductTable):
        model = Product

        @classmethod
        def annotate(cls, rows):
            return rows.annotate(other=Subquery(Product.objects.values("name")[:1]))

    with pytest.raises(FieldDoesNotExist, match="its own source"):
        keyset.display_sql(Twice, ("name", "other"), (("id", False),))
