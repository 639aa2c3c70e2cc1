"""Every operation of the API × everybody, by token: permission_matrix.txt says what each is answered.

The operations come from the API's own description, so one that nobody wrote a row for fails here.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from asn.actions import Expected, create_asn
from asn.models import Asn
from counts.actions import create_counts
from counts.models import Count, CountZone, RecountRequest, ZoneSession
from fulfilment.models import AvailabilityGroup, FulfillmentRequest, StockLevel
from inventory.models import Allocation, CustomerReservation
from omnichannel.accounts import tokens
from omnichannel.accounts.models import Role, User
from omnichannel.accounts.scopes import SCOPES
from omnichannel.api.mounting import PREFIXES
from omnichannel.api.urls import api
from omnichannel.eventstream.models import Delivery, Event, Integration
from omnichannel.imports.models import Import
from omnichannel.locations.models import FulfillmentLocation
from tests.people import signed_in
from tests.test_permission_matrix import (
    ANONYMOUS,
    HIDDEN_FROM,
    PEOPLE,
    ROWS,
    STORES,
    World,
    undone,
)

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")
# A path parameter of one of these names says whose the object is.
OF_A_STORE = {
    "location_id", "store_id", "fulfillment_node_id", "asn_id", "transfer_order_id", "transfer_id"
}  # fmt: skip
# What exists of the others; a parameter that is not here is tried with an unknown one only.
EXISTING: dict[str, Callable[[World], str]] = {
    "integration_id": lambda world: integration().name,
    "event_id": lambda world: str(rejected_event().uuid),
    "tenant": lambda world: settings.TENANT,
    "product_id": lambda world: world.product.product_id,
    "reason_id": lambda world: str(world.reason.uuid),
    "name": lambda world: "main",
    "key": lambda world: "product_id=85123A",
    "shop": lambda world: "EUR",
    "role_id": lambda world: str(Role.objects.get(name="Viewer").pk),
    "user_id": lambda world: str(User.objects.get(username="viewer").pk),
    "import_id": lambda world: str(Import.objects.create(origin="API", entities=["prices"]).uuid),
    "count_id": lambda world: str(count_of_berlin(world).uuid),
    "session_id": lambda world: str(session_of_berlin(world).uuid),
    "recount_id": lambda world: str(recount_of_berlin(world).uuid),
    "reservation_id": lambda world: str(reservation_of_berlin(world).uuid),
    "order_id": lambda world: str(allocation_of_berlin(world).order_uuid),
    "request_id": lambda world: str(allocation_of_berlin(world).request_uuid),
    "group_name": lambda world: group_of_berlin(world).name,
    "group_name_or_availability_export_id": lambda world: group_of_berlin(world).name,
}
NO_SUCH = {"uuid": "00000000-0000-4000-8000-000000000000", "integer": "999999"}


def integration() -> Integration:
    """Its callback is one that is never called."""
    return Integration.objects.get_or_create(name="erp", callback_url="https://127.0.0.1/")[0]


def count_of_berlin(world: World) -> Count:
    """A cycle count of DE-01 in which nobody has counted."""
    name = "tried over JSON"
    if not Count.objects.filter(name=name).exists():
        create_counts(
            type=Count.Type.CYCLE,
            location_ids=[world.stores["DE-01"].pk],
            stock_location_id=world.main.pk,
            due_date=timezone.localdate(),
            key=name,
            name=name,
            product_ids=[world.product.product_id],
            by=User.objects.get(username="admin"),
        )
    return Count.objects.get(name=name)


def session_of_berlin(world: World) -> ZoneSession:
    """The admin's, in a zone of a count that nobody began."""
    now, count = timezone.now(), count_of_berlin(world)
    zone, _made = CountZone.objects.get_or_create(count=count, name="")
    values = {
        "by": User.objects.get(username="admin"), "associate_id": "admin",
        "opened_at": now, "heartbeat_at": now,
    }  # fmt: skip
    return ZoneSession.objects.get_or_create(count=count, zone=zone, number=1, defaults=values)[0]


def recount_of_berlin(world: World) -> RecountRequest:
    values = {"count": count_of_berlin(world), "product": world.product}
    return RecountRequest.objects.get_or_create(**values)[0]


def reservation_of_berlin(world: World) -> CustomerReservation:
    """Nothing of it is set aside yet."""
    values = {
        "customer_profile_id": "C-1", "location": world.stores["DE-01"], "associate_id": "admin",
        "status": "PENDING", "expires_at": timezone.now(), "operation_key": "tried",
    }  # fmt: skip
    return CustomerReservation.objects.get_or_create(external_id="TRIED", defaults=values)[0]


def allocation_of_berlin(world: World) -> Allocation:
    """Reserved by an order, and of a request, of DE-01."""
    place, order = world.stores["DE-01"], "11111111-0000-4000-8000-000000000000"
    request, _made = FulfillmentRequest.objects.get_or_create(
        order_uuid=order, location=place, operation_key="tried"
    )
    values = {
        "location": place, "product": world.product, "kind": "SOFT", "item_uuid": order,
        "request_uuid": request.uuid, "expires_at": timezone.now(),
    }  # fmt: skip
    made, _made = Allocation.objects.get_or_create(order_uuid=order, defaults=values)
    StockLevel.objects.get_or_create(location=place, product=world.product, soft_reserved=1)
    return made


def group_of_berlin(world: World) -> AvailabilityGroup:
    group, _made = AvailabilityGroup.objects.get_or_create(name="berlin")
    group.members.get_or_create(location=world.stores["DE-01"], position=1)
    return group


def rejected_event() -> Delivery:
    now = timezone.now()
    event = Event.objects.create(
        name="inventory_transaction.asn_closed", entity_id="1", published_at=now, body="{}"
    )
    return Delivery.objects.create(
        event=event, integration=integration(), state=Delivery.State.REJECTED, created_at=now
    )


class Operation(NamedTuple):
    """`scope` is empty where no token is asked for; `parameters` are OpenAPI's, of the path."""

    method: str
    path: str
    scope: str
    parameters: dict[str, dict[str, Any]]

    def whoses(self) -> tuple[str, ...]:
        if not self.parameters:
            return ("-",)
        if OF_A_STORE & self.parameters.keys():
            return (*STORES, "unknown")
        return (
            ("existing", "unknown") if EXISTING.keys() >= self.parameters.keys() else ("unknown",)
        )

    def address(self, world: World, whose: str) -> str:
        found = self.path
        for name, schema in self.parameters.items():
            found = found.replace(f"{{{name}}}", quote(self.argument(world, name, schema, whose)))
        return found

    def argument(self, world: World, name: str, schema: dict[str, Any], whose: str) -> str:
        if name == "asn_id" and whose in STORES:
            return announced(world, whose)
        # From London to Berlin, which sees it, and from Berlin to nobody's.
        if name == "transfer_order_id" and whose in STORES:
            return str(world.transfers[whose].uuid)
        if name == "transfer_id" and whose in STORES:
            return str(world.parcels[whose].uuid)
        if name in OF_A_STORE and whose in STORES:
            return whose
        if whose != "unknown" and name in EXISTING:
            return EXISTING[name](world)
        kind = schema.get("format") or schema.get("type", "")
        return NO_SUCH.get(kind, "no-such")


def announced(world: World, code: str) -> str:
    """A notice that leads to the store from nobody's."""
    found = Asn.objects.filter(destination=world.stores[code]).first()
    if found is None:
        supplier, _made = FulfillmentLocation.objects.get_or_create(
            code="SUPPLIER",
            kind="DC",
            defaults={"name": "Supplier", "country_code": "DE", "time_zone": "Europe/Berlin"},
        )
        found = create_asn(
            origin_id=supplier.pk,
            destination_id=world.stores[code].pk,
            shipped_at=world.documents[code].started_at,
            lines=[Expected(world.product.pk, 5)],
            source=Asn.Source.API,
            number=f"reference-of-{code}",
        )
    return str(found.uuid)


def operations() -> list[Operation]:
    return [
        Operation(
            method.upper(),
            path,
            "".join(scope for rule in told["security"] for scope in rule["bearer"]),
            {p["name"]: p["schema"] for p in told.get("parameters", ()) if p["in"] == "path"},
        )
        for path, methods in api.get_openapi_schema(path_prefix="")["paths"].items()
        for method, told in methods.items()
        if method in METHODS
    ]


OPERATIONS = operations()
EXPECTED = {(row.method, row.route, row.whose): row.statuses for row in ROWS}


def token(username: str, scopes: tuple[str, ...] = SCOPES) -> dict[str, str]:
    """The header of somebody's token; nobody's for a stranger."""
    if username == ANONYMOUS:
        return {}
    issued = tokens.issue(User.objects.get(username=username), scopes)
    return {"Authorization": f"Bearer {issued.access_token}"}


def ask(client: Client, operation: Operation, address: str, headers: dict[str, str]) -> Any:
    """The answer, with everything that the call did undone."""
    with undone():
        answer = client.generic(
            operation.method,
            address,
            b"" if operation.method == "GET" else b"{}",
            content_type="application/json",
            headers={**headers, "Idempotency-Key": "matrix"},
        )
        transaction.set_rollback(True)
    return answer


def wrong_cells(
    world: World, username: str, operations: list[Operation] = OPERATIONS
) -> Iterator[str]:
    client, headers = Client(raise_request_exception=False), token(username)
    for operation in operations:
        for whose in operation.whoses():
            cell = f"{operation.method} {operation.path} of {whose} for {username}"
            row = EXPECTED.get((operation.method, operation.path, whose))
            if row is None:
                yield f"{cell}: no row in permission_matrix.txt"
                continue
            answer = ask(client, operation, operation.address(world, whose), headers)
            if str(answer.status_code) != row[username]:
                yield f"{cell}: {answer.status_code} instead of {row[username]}"
            told = answer.content.decode()
            yield from (
                f"{cell}: shows {secret}"
                for secret in HIDDEN_FROM.get(username, ())
                if secret in told
            )


@pytest.mark.parametrize("username", PEOPLE)
def test_everybody_is_answered_as_the_table_says(username):
    cache.clear()
    wrong = list(wrong_cells(World(), username))
    assert not wrong, "\n" + "\n".join(wrong)


def test_an_operation_without_a_row_is_named():
    unheard = Operation("GET", "/v0/secret", "", {})
    cells = list(wrong_cells(World(), "admin", [unheard]))
    assert cells == ["GET /v0/secret of - for admin: no row in permission_matrix.txt"]


def test_every_row_of_an_operation_is_tried():
    tried = {(o.method, o.path, whose) for o in OPERATIONS for whose in o.whoses()}
    paths = {operation.path for operation in OPERATIONS}
    assert {key for key in EXPECTED if key[1] in paths} == tried


def test_no_operation_answers_a_token_without_its_scope():
    cache.clear()
    world, client = World(), Client()
    for operation in OPERATIONS:
        if operation.scope:
            others = tuple(scope for scope in SCOPES if scope != operation.scope)
            address = operation.address(world, operation.whoses()[0])
            answer = ask(client, operation, address, token("admin", others))
            assert answer.status_code == 403, operation
            assert operation.scope in answer.json()["message"]


def test_a_session_of_the_browser_is_no_token():
    cache.clear()
    world = World()
    browser = signed_in(User.objects.get(username="admin"))
    for operation in OPERATIONS:
        if operation.scope:
            address = operation.address(world, operation.whoses()[0])
            assert ask(browser, operation, address, {}).status_code == 401, operation


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_nobody_declared_is_not_found_and_says_so_in_json(client, prefix):
    for method in METHODS:
        answer = client.generic(method.upper(), f"/{prefix}/no/such/address")
        assert answer.status_code == 404
        assert answer.json()["error_code"] == "resource_not_found"
