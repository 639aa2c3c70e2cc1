"""Every URL × everybody: permission_matrix.txt says what each is answered, and a person reads it.

The URLs come from the URLconf, so a page that nobody wrote a row for fails here. What is asked
with a token comes from the API's own description: `test_api_matrix.py`.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from asn import actions as asn_actions
from asn.models import Asn, Receipt
from counts import actions as count_actions
from counts.models import Count, ZoneSession
from demo import people as demo_people
from inventory import ledger
from inventory.models import (
    AdjustmentReason,
    CustomerReservation,
    InventoryTransaction,
    LedgerVerification,
)
from omnichannel.accounts.models import Role, User
from omnichannel.api import mounting
from omnichannel.api.urls import api
from omnichannel.catalog.models import Pricebook, Product
from omnichannel.eventstream.models import Delivery, Event, Integration
from omnichannel.exports.models import Export
from omnichannel.imports.models import Import
from omnichannel.jobs.models import Job
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.people import signed_in, store
from transfers import actions as transfer_actions
from transfers.models import TransferDraft, TransferOrder, TransferTransaction

TABLE = Path(__file__).with_name("permission_matrix.txt")
STORES = ("GB-01", "DE-01")
NAMES = {"GB-01": "Shop London", "DE-01": "Kaufhaus Berlin"}
ANONYMOUS = "anonymous"
# What must not stand on any page that this person is given.
HIDDEN_FROM = {
    "manager-gb": ("reference-of-DE-01", NAMES["DE-01"]),
    "manager-de": ("reference-of-GB-01",),
}
# An audit trail is stock, which manager-de reads everywhere, with the references that explain it
# (PRODUCT §3, §4); the documents themselves stay 404 for him.
AUDIT_TRAIL = "/store-operations/inventory/stock-on-hand/<str:code>/<path:product_id>/"
# A transfer is seen from both ends, each by its name; whoever sends goods chooses where they go.
BETWEEN_STORES = re.compile("/transfer(-orders|-transactions)?/")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
# Asked with a token, by another table: see test_api_matrix.py.
OF_MACHINES = {f"/{pattern.pattern}" for pattern in mounting.patterns(api)}


class Row(NamedTuple):
    method: str
    route: str
    whose: str
    statuses: dict[str, str]


def read_table() -> list[Row]:
    lines = [line.split("#")[0].split() for line in TABLE.read_text().splitlines()]
    (head, *body) = [words for words in lines if words]
    assert head[:3] == ["method", "route", "whose"]
    for words in body:
        assert len(words) == len(head), f"a cell too many or too few: {' '.join(words)}"
    return [Row(*words[:3], dict(zip(head[3:], words[3:], strict=True))) for words in body]


ROWS = read_table()
PEOPLE = tuple(ROWS[0].statuses)


def routes(
    patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/"
) -> Iterator[str]:
    """Every route of the URLconf, regular expressions written like paths."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        own = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", str(pattern.pattern)).strip("^$")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + own)
        elif prefix + own not in OF_MACHINES:
            yield prefix + own


def find(method: str, route: str, whose: str) -> Row | None:
    """The row that names the route itself, or else the first whose pattern covers it."""
    rows = [row for row in ROWS if row.method == method and row.whose == whose]
    exact = [row for row in rows if row.route == route]
    return next(iter(exact or [row for row in rows if fnmatchcase(route, row.route)]), None)


class World:
    """Two stores with a document and stock each, and the demo's people."""

    def __init__(self) -> None:
        self.stores = {code: store(code, code[:2]) for code in STORES}
        for code, name in NAMES.items():
            FulfillmentLocation.objects.filter(code=code).update(name=name)
        self.product = Product.objects.create(product_id="85123A", name="Heart holder")
        self.main = StockLocation.objects.get(name="main")
        self.reason = AdjustmentReason.objects.create(
            type="Found", subtype="Shelf", destination=self.main
        )
        self.documents = {code: self.receive(code) for code in STORES}
        demo_people.load_people()
        self.dc = FulfillmentLocation.objects.create(
            code="DC", kind="DC", name="Supplier", country_code="DE", time_zone="Europe/Berlin"
        )
        self.asns = {code: self.announce(code) for code in STORES}
        self.receipts = {code: self.received(code) for code in STORES}
        # From London to Berlin and from Berlin to the supplier: one is seen from both ends.
        self.transfers = {
            "GB-01": self.transferred("GB-01", self.stores["DE-01"]),
            "DE-01": self.transferred("DE-01", self.dc),
        }
        self.parcels = {code: self.packed(code) for code in STORES}
        self.drafts = {code: self.drafted(code) for code in STORES}
        self.counts = {code: self.planned(code) for code in STORES}
        self.lists = {code: self.listed(code) for code in STORES}
        self.zones = {code: self.counting(code) for code in STORES}
        self.reservations = {code: self.reserved(code) for code in STORES}

    def receive(self, code: str) -> InventoryTransaction:
        header = ledger.Header(
            operation_key=f"receipt {code}",
            type=InventoryTransaction.Type.RECEIVING,
            location_id=self.stores[code].pk,
            associate_id="test",
            reference=f"reference-of-{code}",
        )
        line = ledger.Line(self.product.pk, 5, None, self.main.pk)
        posted = ledger.post(header, [line])
        return InventoryTransaction.objects.get(pk=posted.transaction_id)

    def announce(self, code: str) -> Asn:
        return asn_actions.create_asn(
            origin_id=self.dc.pk,
            destination_id=self.stores[code].pk,
            shipped_at=self.documents[code].started_at,
            lines=[asn_actions.Expected(self.product.pk, 5)],
            source="API",
            number=f"asn-reference-of-{code}",
        )

    def received(self, code: str) -> Receipt:
        session = asn_actions.Session(
            by=User.objects.get(username="admin"), key=f"matrix {code}", kind="ITEMS"
        )
        return asn_actions.receive_items(
            asn_id=self.asns[code].pk,
            items=[asn_actions.Arrived(self.product.pk, 1)],
            session=session,
        ).receipt

    def transferred(self, code: str, destination: FulfillmentLocation) -> TransferOrder:
        return transfer_actions.create_transfer_order(
            origin_id=self.stores[code].pk,
            destination_id=destination.pk,
            lines=[transfer_actions.Ordered(self.product.pk, 3)],
            source=TransferOrder.Source.API,
            external_ref=f"transfer-of-{code}",
            key=f"transfer {code}",
        ).order

    def packed(self, code: str) -> TransferTransaction:
        """One unit is being picked."""
        admin = User.objects.get(username="admin")
        parcel = transfer_actions.begin_transaction(
            order_id=self.transfers[code].pk, by=admin, key=f"parcel {code}"
        )
        line = transfer_actions.Picked(self.product.pk, 1)
        return transfer_actions.set_picks(transaction_id=parcel.pk, lines=[line])

    def drafted(self, code: str) -> TransferDraft:
        """Nothing is scanned for it yet."""
        return transfer_actions.begin_draft(
            origin_id=self.stores[code].pk,
            destination_id=self.dc.pk,
            by=User.objects.get(username="admin"),
            key=f"draft {code}",
        )

    def planned(self, code: str) -> Count:
        """A full count that nobody activated."""
        made = count_actions.create_counts(
            type=Count.Type.FULL,
            location_ids=[self.stores[code].pk],
            stock_location_id=self.main.pk,
            due_date=date(2026, 3, 1),
            by=User.objects.get(username="admin"),
            key=f"count {code}",
            name=f"count-reference-of-{code}",
        )
        return made.batch.counts.get()

    def listed(self, code: str) -> Count:
        """A cycle count of one product."""
        made = count_actions.create_counts(
            type=Count.Type.CYCLE,
            location_ids=[self.stores[code].pk],
            stock_location_id=self.main.pk,
            due_date=timezone.localdate(),
            by=User.objects.get(username="admin"),
            key=f"list of {code}",
            product_ids=[self.product.product_id],
            name=f"list-reference-of-{code}",
        )
        return made.batch.counts.get()

    def counting(self, code: str) -> ZoneSession:
        """The administrator is at it, so nobody else is."""
        admin = User.objects.get(username="admin")
        return count_actions.open_zone(pk=self.lists[code].pk, zone="", by=admin).session

    def reserved(self, code: str) -> CustomerReservation:
        """For nobody's goods: what is set aside is tried elsewhere."""
        return CustomerReservation.objects.create(
            external_id=f"R-{code}",
            customer_profile_id=f"customer-reference-of-{code}",
            location=self.stores[code],
            associate_id="test",
            status=CustomerReservation.Status.RESERVED,
            expires_at=timezone.now(),
            operation_key=f"reservation {code}",
        )

    def whoses(self, route: str) -> tuple[str, ...]:
        """Which objects a route is tried with."""
        if not PARAMETER.search(route):
            return ("-",)
        if route.endswith("/<url>"):
            return ("unknown",)
        of_a_store = re.search(
            "transaction|transfer-orders|^/transfer/|/reservations/|fulfillmentlocation|<str:code>|/asns/|/receipts/|"
            "/receive/|count-tasks|/count/",
            route,
        )
        return (*STORES, "unknown") if of_a_store else ("existing", "unknown")

    def path(self, route: str, whose: str) -> str:
        return PARAMETER.sub(lambda found: self.argument(found[1], route, whose), route)

    def argument(self, name: str, route: str, whose: str) -> str:
        if route.startswith("/admin/"):
            return self.admin_argument(name, route, whose)
        known = whose != "unknown"
        if known and route.startswith("/jobs/"):
            # The viewer asked for it.
            owner = User.objects.get(username="viewer")
            return str(Job.objects.create(task="none", key="matrix", owner=owner).uuid)
        if known and route.startswith("/tools/imports/<uuid"):
            return str(Import.objects.create(origin="API", entities=["products"]).uuid)
        if known and route.startswith("/settings/stock-locations/"):
            return StockLocation.objects.get_or_create(name="attic", display_name="A")[0].name
        if known and route.startswith("/settings/adjustment-reasons/"):
            return str(self.reason.uuid)
        if known and route.startswith("/tools/exports/<uuid"):
            return str(self.exported().uuid)
        if known and route.startswith("/tools/event-stream/"):
            return self.of_the_stream(name, route)
        values = {
            "name": "no-such-integration",
            "uuid": self.of_the_store(route)[whose].uuid
            if whose in STORES
            else "00000000-0000-4000-8000-000000000000",
            "product_id": self.product.product_id if known else "no-such-product",
            "code": whose if known else "XX-99",
            "kind": "products" if known else "no-such-kind",
        }
        return str(values[name])

    def exported(self) -> Export:
        """The viewer's, ready."""
        now = timezone.now()
        return Export.objects.create(
            owner=User.objects.get(username="viewer"),
            address="/catalog/products/",
            title="Products",
            format="csv",
            name="products.csv",
            rows=0,
            size=0,
            ready_at=now,
            expires_at=now + timedelta(days=1),
        )

    def of_the_stream(self, name: str, route: str) -> str:
        """An event that the receiver of an integration rejected."""
        now = timezone.now()
        erp, _made = Integration.objects.get_or_create(
            name="erp", deleted_at=None, defaults={"callback_url": "https://erp.invalid/"}
        )
        event = Event.objects.create(name="a.b", entity_id="1", published_at=now, body="{}")
        delivery = Delivery.objects.create(
            event=event, integration=erp, state=Delivery.State.REJECTED, created_at=now
        )
        found = delivery if "rejected" in route else event
        return erp.name if name == "name" else str(found.uuid)

    def of_the_store(self, route: str) -> dict[str, Any]:
        """The documents that a route with a uuid names, by store."""
        if "/batches/" in route:
            return {code: count.batch for code, count in self.counts.items()}
        if "/count-tasks/" in route:
            return self.counts
        if "/reservations/" in route:
            return self.reservations
        if route.startswith("/count/"):
            return self.zones if "/session/" in route else self.lists
        if route.startswith("/transfer/new/"):
            return self.drafts
        if route.startswith("/transfer/"):
            return self.transfers if "/order/" in route else self.parcels
        if "/transfer-orders/" in route:
            return self.transfers
        if "/transfer-transactions/" in route:
            return self.parcels
        if "/asns/" in route or "/asn/" in route:
            return self.asns
        is_receipt = "/receipts/" in route or route.startswith("/receive/")
        return self.receipts if is_receipt else self.documents

    def admin_argument(self, name: str, route: str, whose: str) -> str:
        if name == "app_label":
            return "catalog" if whose == "existing" else "nothing"
        if name == "url":
            return "nothing/here/"
        if name == "content_type_id":
            return str(ContentType.objects.get_for_model(Product).pk)
        if whose == "unknown":
            return "999999"
        found = re.match("/admin/([a-z]+)/([a-z]+)/", route)
        model = apps.get_model(*found.groups()) if found else Product
        return str(self.admin_object(model, whose).pk)

    def admin_object(self, model: type, whose: str) -> object:
        return {
            InventoryTransaction: lambda: self.documents[whose],
            FulfillmentLocation: lambda: self.stores[whose],
            AdjustmentReason: lambda: self.reason,
            Product: lambda: self.product,
            Pricebook: lambda: Pricebook.objects.create(name="Empty", currency="USD"),
            StockLocation: lambda: StockLocation.objects.create(name="attic", display_name="A"),
            Role: lambda: Role.objects.get(name="Viewer"),
            User: lambda: User.objects.get(username="nobody"),
            LedgerVerification: lambda: LedgerVerification.objects.create(
                started_at=self.documents["GB-01"].started_at,
                finished_at=self.documents["GB-01"].started_at,
                movements=2,
                stock_rows=2,
                differences=0,
            ),
        }[model]()


def answered(answer: HttpResponse) -> str:
    """Its status; `login` for the redirect to the login page."""
    location = answer.headers.get("Location", "")
    return "login" if location.startswith("/account/login/?next=") else str(answer.status_code)


def body(answer: HttpResponse) -> str:
    return b"".join(answer).decode("utf-8", "replace")


def undone() -> transaction.Atomic:
    """A block of the test's own, in which an act may open the transaction that it insists on."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


class Visitor:
    def __init__(self, world: World, username: str) -> None:
        self.world, self.username = world, username
        user = None if username == ANONYMOUS else User.objects.get(username=username)
        self.cookies = signed_in(user).cookies

    def ask(self, method: str, path: str) -> tuple[str, str]:
        """The answer, with everything it did undone."""
        client = Client(raise_request_exception=False)
        client.cookies.update(self.cookies)
        with undone():
            answer = client.generic(method, path, content_type="application/x-www-form-urlencoded")
            result = answered(answer), body(answer)
            transaction.set_rollback(True)
        return result

    def wrong_cells(self, route: str, whose: str) -> Iterator[str]:
        cell = f"{route} of {whose} for {self.username}"
        row = find("GET", route, whose)
        if row is None:
            yield f"{cell}: no row"
            return
        with transaction.atomic():
            path = self.world.path(route, whose)
            expected = row.statuses[self.username]
            status, text = self.ask("GET", path)
            if status != expected:
                yield f"GET {cell}: {status} instead of {expected}"
            if status == "200" and route != AUDIT_TRAIL and not BETWEEN_STORES.search(route):
                yield from self.leaks(cell, text)
            posted, _text = self.ask("POST", path)
            wanted = self.expected_of_post(route, whose, expected)
            if posted not in wanted:
                yield f"POST {cell}: {posted} instead of {' or '.join(wanted)}"
            is_of_many = whose == "-" and not BETWEEN_STORES.search(route)
            if is_of_many and status == "200" and not route.startswith("/admin/"):
                _status, exported = self.ask("GET", f"{path}?export=csv")
                yield from self.leaks(f"{cell} as CSV", exported)
            transaction.set_rollback(True)

    def expected_of_post(self, route: str, whose: str, of_get: str) -> tuple[str, ...]:
        """Who may not look may not act either; a page that takes a POST says so in its row."""
        row = find("POST", route, whose)
        if of_get in {"login", "403", "404"} and (row is None or row.route != route):
            # A page that takes no POST from anybody may say so before it asks who is there.
            return (of_get, "405")
        return (row.statuses[self.username] if row else "405",)

    def leaks(self, cell: str, text: str) -> Iterator[str]:
        for secret in HIDDEN_FROM.get(self.username, ()):
            if secret in text:
                yield f"{cell}: shows {secret}"


@pytest.mark.django_db
@pytest.mark.parametrize("username", PEOPLE)
def test_everybody_is_answered_as_the_table_says(username):
    cache.clear()
    world = World()
    visitor = Visitor(world, username)
    wrong = [
        cell
        for route in routes()
        for whose in world.whoses(route)
        for cell in visitor.wrong_cells(route, whose)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_people_are_those_of_the_issue():
    assert PEOPLE == ("anonymous", "nobody", "viewer", "manager-gb", "manager-de", "admin")


def test_every_row_covers_a_route_that_exists():
    known = [*routes(), *api.get_openapi_schema(path_prefix="")["paths"]]
    dead = [row.route for row in ROWS if not any(fnmatchcase(r, row.route) for r in known)]
    assert dead == []


def test_no_row_stands_twice():
    keys = [row[:3] for row in ROWS]
    assert sorted(set(keys)) == sorted(keys)


def test_only_these_doors_are_open_to_strangers():
    closed = {"login", "404", "401"}
    open_doors = {row.route for row in ROWS if row.statuses[ANONYMOUS] not in closed}
    assert open_doors == {
        "/livez",
        "/readyz",
        "/metrics",
        "/account/login/",
        "/account/logout/",
        "/account/language/",
        "/account/inactive/",
        "/account/2fa/authenticate/",
        "/openapi.json",
        "/api-docs/",
        "/v0/ping",
        "/v0/token",
        "/auth/realms/{tenant}/protocol/openid-connect/token",
        "/v0/c/products",
        "/v0/c/products/{key}",
        "/api/v1/shops/{shop}/products/{key}",
    }


@pytest.mark.django_db
def test_a_url_without_a_row_is_named():
    cells = Visitor(World(), "admin").wrong_cells("/secret/new/page/", "-")
    assert list(cells) == ["/secret/new/page/ of - for admin: no row"]
