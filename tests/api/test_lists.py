"""Pages of the API: every row once, bounded, and as many queries for many rows as for few."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import AdjustmentReason
from omnichannel.accounts.models import AuditEvent
from omnichannel.catalog.models import Price, Product, ProductIdentifier
from omnichannel.locations.models import FulfillmentLocation, LocationProfile, ReturnCondition
from tests.people import person, store

PRODUCTS = "/v0/c/products?shop=EUR&locale=en"


@pytest.fixture
def many(world):
    """25 products more, some of them not sold any more."""
    made = [
        Product(product_id=f"P-{n:02}", name=f"Thing {n % 5}", name_key=f"thing {n % 5}",
                sku=f"S{n % 3}", color="blue", is_active=n % 10 != 9)
        for n in range(25)
    ]  # fmt: skip
    Product.objects.bulk_create(made)
    Price.objects.bulk_create(
        Price(pricebook=world.berlin.pricebook, product=product, value=1) for product in made
    )
    ProductIdentifier.objects.bulk_create(
        ProductIdentifier(product=product, type="ean", value=str(n))
        for n, product in enumerate(made)
    )
    return world


def walked(call, address: str) -> list[dict]:
    found, pages = [], 0
    while address:
        body = call("GET", address).json()
        found += body["items"]
        address = body["pagination_info"]["next_url"]
        pages += 1
        assert pages < 50
    return found


@pytest.mark.parametrize("sort", ["", "&sort=title|asc", "&sort=title|desc", "&sort=sku|desc"])
def test_pages_end_to_end_are_every_product_once(many, call, sort):
    ids = [item["product_id"] for item in walked(call, f"{PRODUCTS}&count=4{sort}")]
    active = Product.objects.filter(is_active=True).values_list("product_id", flat=True)
    assert sorted(ids) == sorted(active)
    whole = call("GET", f"{PRODUCTS}&count=1000{sort}").json()
    assert [item["product_id"] for item in whole["items"]] == ids


def test_a_page_says_where_it_stands(many, call):
    body = call("GET", f"{PRODUCTS}&offset=10&count=5").json()
    info = body["pagination_info"]
    assert (len(body["items"]), info["count"], info["offset"], info["total"]) == (5, 5, 10, 25)
    for name, offset in (("prev_url", "5"), ("next_url", "15")):
        parts = urlsplit(info[name])
        assert parts.path == "/v0/c/products"
        asked = parse_qs(parts.query)
        assert asked == {"shop": ["EUR"], "locale": ["en"], "offset": [offset], "count": ["5"]}
    first = call("GET", PRODUCTS).json()["pagination_info"]
    assert (first["count"], first["offset"], first["prev_url"]) == (10, 0, None)
    behind = call("GET", f"{PRODUCTS}&offset=500").json()
    assert (behind["items"], behind["pagination_info"]["next_url"]) == ([], None)


@pytest.mark.parametrize("asked", ["offset=-1", "count=0", "count=1001", "offset=x", "count=1.5"])
def test_a_page_that_cannot_be_is_refused(world, call, asked):
    answer = call("GET", f"{PRODUCTS}&{asked}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][-1] == asked.split("=")[0]


def test_users_come_by_50_at_most(world, call):
    for number in range(30):
        person(f"user-{number:02}", "Viewer" if number % 2 else "Associate")
    first = call("GET", "/iam/users").json()
    assert (len(first["elements"]), first["pagination_info"]["total"]) == (25, 31)
    assert call("GET", "/iam/users?count=51").status_code == 400
    rest = call("GET", "/iam/users?count=50&offset=25").json()["elements"]
    names = [user["associate_id"] for user in first["elements"] + rest]
    assert names == sorted(names)
    assert len(set(names)) == 31
    assert call("GET", "/iam/users?q=ER-07").json()["pagination_info"]["total"] == 1
    assert call("GET", "/iam/users?associate_id=user-07").json()["pagination_info"]["total"] == 1
    role = first["elements"][1]["roles"][0]["id"]
    assert call("GET", f"/iam/users?role={role}").json()["pagination_info"]["total"] == 15
    assert call("GET", "/iam/users?role=none").json()["elements"] == []


def test_audit_events_go_on_from_the_last_one_shown(world, call):
    def touch(times: int) -> None:
        for number in range(times):
            way = "_disable" if number % 2 == 0 else "_enable"
            assert call("POST", f"/v0/locations/DE-01/{way}", {}).status_code == 200

    touch(8)
    first = call("GET", "/audit-events?page_size=3").json()
    touch(2)
    rest = call("GET", f"/audit-events?page_size=100&cursor={first['next_cursor']}").json()
    assert "next_cursor" not in rest
    ids = [event["event_id"] for event in first["items"] + rest["items"]]
    told = AuditEvent.objects.order_by("-pk").values_list("uuid", flat=True)[2:]
    assert ids == [str(uuid) for uuid in told]


QUERIES = [
    (PRODUCTS + "&count=100", 10),
    ("/v0/locations", 6),
    ("/v0/d/stores", 6),
    ("/v0/stores/DE-01/products", 8),
    ("/v0/stores/DE-01/products?from=0", 8),
    ("/v0/stock_locations/return_process_configuration", 6),
    ("/inventory/adjustment-reasons?should_include_inactive=true", 6),
    ("/iam/users?count=50", 8),
    ("/audit-events?page_size=100", 6),
]


@pytest.mark.parametrize(("path", "most"), QUERIES)
def test_many_rows_cost_as_many_queries_as_few(world, call, path, most):
    call("POST", "/v0/locations/DE-01/_disable", {})
    call("GET", path)
    few = queries(call, path)
    for number in range(12):
        location = store(f"X-{number:02}")
        LocationProfile.objects.create(location=location, address={"address_line_1": "1"})
        product = world.product(f"X-{number}")
        ProductIdentifier.objects.create(product=product, type="ean", value="1")
        world.post((product, 1), type="RECEIVING")
        ReturnCondition.objects.create(condition_code=number, stock_location=world.shelves["main"])
        AdjustmentReason.objects.create(type="T", subtype=str(number), origin=world.shelves["main"])
        person(f"x-{number}", "Viewer", "Associate")
        call("POST", f"/v0/locations/X-{number:02}/_disable", {})
    assert queries(call, path) == few <= most
    assert FulfillmentLocation.objects.count() > 12


def queries(call, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as context:
        assert call("GET", path).status_code == 200
    return len(context)
