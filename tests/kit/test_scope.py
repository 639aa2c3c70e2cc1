"""Whoever asks, and however: nothing of a store beyond his scope stands in any answer."""

import itertools
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import InventoryTransaction
from omnichannel.accounts.models import User
from omnichannel.locations.models import (
    DocumentScopedQuerySet,
    FulfillmentLocation,
    LocationAccess,
    StockScopedQuerySet,
)
from tests.people import person, signed_in, store

from .conftest import World

S = "/store-operations/inventory"
CODES = ("AA-1", "BB-2", "CC-3", "DD-4")
COUNTRIES = ("DE", "GB", "DE", "JP")
SCOPES = User.Scope.values


class House:
    """Four stores; what is of a store bears a mark that stands nowhere else."""

    def __init__(self, world: World) -> None:
        self.stores = {code: self.store(code, n) for n, code in enumerate(CODES)}
        product = world.product("P-1", "Pen")
        for n, (code, place) in enumerate(self.stores.items()):
            world.post((product, 10 + n), where=place, reference=f"ref-{code}", note=f"note-{code}")
            world.post((product, 1), where=place, reference=f"further-{code}", type="RETURN")
        self.user = person("wanderer", "Store Manager")
        self.visitor = signed_in(self.user)

    def store(self, code: str, number: int) -> FulfillmentLocation:
        made = store(code, COUNTRIES[number])
        FulfillmentLocation.objects.filter(pk=made.pk).update(
            name=f"name-{code}", name_key=f"name-{code}".lower(), city=f"city-{code}"
        )
        return made

    def become(self, stock: str, documents: str, own: set[str]) -> None:
        User.objects.filter(pk=self.user.pk).update(stock_scope=stock, document_scope=documents)
        LocationAccess.objects.filter(user=self.user).delete()
        for code in own:
            LocationAccess.objects.create(user=self.user, location=self.stores[code])


def text_of(visitor: Client, url: str, **words: Any) -> str:
    answer = visitor.get(url, words)
    assert answer.status_code == 200
    return b"".join(answer).decode()


def counted(visitor: Client, url: str, **words: Any) -> int:
    return visitor.get(url, {**words, "count": "only"}).context["total"]["count"]


STOCK_PAGES: list[tuple[str, dict[str, Any]]] = [
    (f"{S}/stock-on-hand/", {}),
    (f"{S}/stock-on-hand/", {"store": list(CODES)}),
    (f"{S}/stock-on-hand/", {"export": "csv", "on_hand_min": "-99"}),
    ("/settings/locations/", {}),
    ("/settings/locations/", {"export": "csv", "stock": "ours"}),
    ("/catalog/products/P-1/", {}),
    ("/catalog/labels/", {"product": "P-1", "price": "1"}),
    ("/search/", {"q": "name-"}),
]
DOCUMENT_PAGES: list[tuple[str, dict[str, Any]]] = [
    (f"{S}/transactions/", {}),
    (f"{S}/transactions/", {"export": "csv", "associate": "till-1"}),
    (f"{S}/transactions/", {"q": "ref-", "export": "csv"}),
    (f"{S}/movements/", {}),
    (f"{S}/movements/", {"export": "csv", "direction": "in"}),
    ("/search/", {"q": "further-"}),
]


def leaks(visitor: Client, stock_of: set[str], documents_of: set[str]) -> list[str]:
    """What is told of stores that are not among these: the page, and the mark that stands there.

    A document names its store, to whoever may read the document.
    """
    found = []
    for pages, told_of in ((STOCK_PAGES, stock_of), (DOCUMENT_PAGES, stock_of | documents_of)):
        names = [mark(code, "", "name-", "city-") for code in CODES if code not in told_of]
        papers = [
            mark(code, "ref-", "further-", "note-") for code in CODES if code not in documents_of
        ]
        for url, words in pages:
            text = text_of(visitor, url, **words)
            # The page says back what it was asked.
            seen = [
                m for m in itertools.chain(*names, *papers) if m in text and m not in str(words)
            ]
            found += [f"{url} {words}: {one}" for one in seen]
    for code in set(CODES) - documents_of:
        document = InventoryTransaction.objects.get(reference=f"ref-{code}")
        if str(document.uuid) in text_of(visitor, "/search/", q=document.reference):
            found.append(f"search finds ref-{code}")
    for code in set(CODES) - stock_of:
        if counted(visitor, "/settings/locations/", q=code):
            found.append(f"locations counts {code}")
    wanted = {
        f"{S}/stock-on-hand/": len(stock_of),
        f"{S}/transactions/": 2 * len(documents_of),
        f"{S}/movements/": 2 * len(documents_of),
    }
    found += [
        f"{url} counts wrong" for url, number in wanted.items() if counted(visitor, url) != number
    ]
    return found


def mark(code: str, *kinds: str) -> list[str]:
    return [f"{kind}{code}" for kind in kinds]


@pytest.fixture
def house(world):
    return House(world)


@settings(
    max_examples=14,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    stock=st.sampled_from(SCOPES), documents=st.sampled_from(SCOPES), own=st.sets(st.sampled_from(CODES))
)  # fmt: skip
def test_nothing_of_a_foreign_store_is_told(house, stock, documents, own):
    with transaction.atomic():
        house.become(stock, documents, own)
        every = User.Scope.ALL_STORES
        stock_of = set(CODES) if stock == every else own
        documents_of = set(CODES) if documents == every else own
        assert leaks(house.visitor, stock_of, documents_of) == []
        transaction.set_rollback(True)


def test_control_without_scope_the_leak_is_seen(house, monkeypatch):
    house.become(User.Scope.OWN_STORES, User.Scope.OWN_STORES, {"AA-1"})
    assert leaks(house.visitor, {"AA-1"}, {"AA-1"}) == []
    for rows in (StockScopedQuerySet, DocumentScopedQuerySet):
        monkeypatch.setattr(rows, "visible_to", lambda self, user, **how: self)
    found = "\n".join(leaks(house.visitor, {"AA-1"}, {"AA-1"}))
    for place in (
        f"{S}/stock-on-hand/ {{}}: name-BB-2",
        f"{S}/stock-on-hand/ {{'export': 'csv', 'on_hand_min': '-99'}}: name-BB-2",
        f"{S}/stock-on-hand/ counts wrong",
        f"{S}/transactions/ {{}}: ref-BB-2",
        f"{S}/transactions/ {{'export': 'csv', 'associate': 'till-1'}}: ref-BB-2",
        f"{S}/transactions/ counts wrong",
        f"{S}/movements/ {{}}: ref-BB-2",
        f"{S}/movements/ {{'export': 'csv', 'direction': 'in'}}: note-BB-2",
        f"{S}/movements/ counts wrong",
        "/settings/locations/ {}: city-BB-2",
        "/catalog/products/P-1/ {}: name-BB-2",
        "/catalog/labels/ {'product': 'P-1', 'price': '1'}: name-BB-2",
        "/search/ {'q': 'further-'}: further-BB-2",
        "/search/ {'q': 'name-'}: name-BB-2",
        "search finds ref-BB-2",
        "locations counts BB-2",
    ):
        assert place in found


def test_every_store_has_documents_to_hide(house):
    assert InventoryTransaction.objects.count() == 2 * len(CODES)
