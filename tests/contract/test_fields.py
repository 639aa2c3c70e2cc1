"""Every answer of the reference data has exactly the contract's fields, each of its type."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Group

from omnichannel.api.urls import api
from omnichannel.locations.models import LocationProfile, ReturnCondition
from tests.contract.tables import TABLES, wrong
from tests.people import PASSWORD, person

OURS = re.compile(
    r" /(v0/(ping|token|locations|[di]/stores|stock_locations|stores|i/configuration|c/)|auth|iam"
    r"|audit-events|inventory/(config|adjustment-reasons)|v0/i/inventory/adjustment_reasons"
    r"|v0/i/inventory/(asns|stores)|v1/inventory/receiving)"
)
ADDRESS = {
    "address_line_1": "Hafenstraße 1",
    "address_line_2": "2. OG",
    "city": "Rotterdam",
    "state": "ZH",
    "country_code": "NL",
    "zip_code": "3011",
    "phone": "+31 10 1",
    "first_name": "Ada",
    "last_name": "Ünal",
}
PHYSICAL = {
    "address_line_1": "1 High St",
    "address_line_2": None,
    "province": None,
    "state": None,
    "zip_code": "N1",
    "city": "London",
    "country_code": "GB",
    "latitude": 51.5,
    "longitude": 0,
}
STORE = {
    "store_id": "GB_9-x",
    "label": "Shop London",
    "physical_address": PHYSICAL,
    "shipping_address": PHYSICAL,
    "timezone": "Europe/London",
    "catalog": "storefront",
    "locale": "en-gb",
    "pricebook": "EUR",
    "active_status": True,
    "business_hours": [{"from_time": "09:00", "to_time": "18:00", "weekday": 1}],
    "supported_shipping_methods": ["in_store_pick_up"],
    "division_name": "UK",
    "manager_id": "m1",
    "image_url": "https://example.com/1.jpg",
    "phone_number": "+44",
    "gift_wrapping": True,
    "delivery_zip_codes": ["N1"],
    "tax_id": "123456789",
    "tax_included": True,
    "display_price_unit_type": "net",
    "queue_prioritization": [{"priority": 1, "shipping_type": "DHL_PAKET"}],
}
REASON = {"type": "Damage", "subtype": "Wet", "origin_stock_location": "main"}
LINE = {"product_id": "85123A", "quantity": 1}


def fields_of(operation: str, answer, status: int = 200) -> dict:
    """The body, which holds the fields of `operation` and no other."""
    assert answer.status_code == status, answer.content
    assert (
        answer.headers["Content-Type"] == "application/json; charset=utf-8"
        or "json" in (answer.headers["Content-Type"])
    )
    assert list(wrong(answer.json(), TABLES[operation])) == []
    return answer.json()


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("GET /v0/ping", "/v0/ping"),
        ("GET /v0/locations", "/v0/locations"),
        ("GET /v0/locations/{location_id}", "/v0/locations/DE-01"),
        ("GET /v0/locations/{location_id}", "/v0/locations/DC-EU"),
        ("GET /v0/locations/store/{store_id}", "/v0/locations/store/DE-01"),
        ("GET /v0/d/stores", "/v0/d/stores"),
        ("GET /v0/i/stores", "/v0/i/stores"),
        ("GET /v0/d/stores/{store_id}", "/v0/d/stores/DE-01"),
        ("GET /v0/i/stores/{store_id}", "/v0/i/stores/FR-01"),
        ("GET /v0/stock_locations", "/v0/stock_locations"),
        ("GET /v0/stock_locations/{name}", "/v0/stock_locations/main"),
        (
            "GET /v0/stock_locations/return_process_configuration",
            "/v0/stock_locations/return_process_configuration",
        ),
        ("GET /v0/stores/{store_id}/products", "/v0/stores/DE-01/products"),
        (
            "GET /v0/stores/{store_id}/products/{product_id}",
            "/v0/stores/DE-01/products/85123A",
        ),
        ("GET /inventory/adjustment-reasons", "/inventory/adjustment-reasons"),
        ("GET /v0/i/configuration", "/v0/i/configuration"),
        ("GET /inventory/config", "/inventory/config"),
        ("GET /inventory/config", "/inventory/config?store_id=DE-01"),
        (
            "GET /v0/i/configuration/associate_app",
            "/v0/i/configuration/associate_app?store_id=DE-01",
        ),
        ("GET /v0/c/products", "/v0/c/products?shop=EUR&locale=en"),
        ("GET /v0/c/products/{key}", "/v0/c/products/85123A"),
        (
            "GET /api/v1/shops/{shop}/products/{key}",
            "/api/v1/shops/EUR/products/ean13=4006381333931?locale=en-us",
        ),
        ("GET /iam/permissions", "/iam/permissions"),
        ("GET /iam/roles", "/iam/roles"),
        ("GET /iam/users", "/iam/users"),
        ("GET /audit-events", "/audit-events"),
    ],
)
def test_what_is_read_has_the_fields_of_the_contract(world, call, operation, path):
    person("Åsa", "Viewer", email="a@example.com")
    LocationProfile.objects.create(location=world.dc, address=ADDRESS)
    ReturnCondition.objects.create(condition_code=1, stock_location=world.shelves["damaged"])
    assert call("POST", "/v0/locations/DE-01/_disable", {}).status_code == 200
    body = fields_of(operation, call("GET", path))
    assert body


def test_roles_and_users_by_id(world, call):
    user = person("Åsa", "Viewer")
    role = Group.objects.get(name="Viewer").pk
    found = fields_of("GET /iam/roles/{role_id}", call("GET", f"/iam/roles/{role}"))
    assert found["permissions"] == [{"application": "nom", "name": "View inventory management"}]
    who = call("GET", f"/iam/roles/{role}/users")
    assert fields_of("GET /iam/roles/{role_id}/users", who)["elements"][0]["id"] == str(user.pk)
    found = fields_of("GET /iam/users/{user_id}", call("GET", f"/iam/users/{user.pk}"))
    assert [role["name"] for role in found["roles"]] == ["Viewer"]


def test_a_store_is_made_and_echoed_field_by_field(world, call):
    made = fields_of("POST /v0/d/stores", call("POST", "/v0/d/stores", STORE))
    assert {name: made[name] for name in STORE} == STORE
    changed = call("PATCH", "/v0/d/stores/GB_9-x", {"label": "Närmare", "pricebook": None})
    body = fields_of("PATCH /v0/d/stores/{store_id}", changed)
    assert body["revision"] == made["revision"] + 1
    told = {**STORE, "label": "Närmare", "pricebook": None}
    assert {name: body[name] for name in STORE} == told
    place = fields_of("GET /v0/locations/{location_id}", call("GET", "/v0/locations/GB_9-x"))
    assert (place["type"], place["is_inventory_master"]) == ("store", False)


def test_the_address_of_a_centre_is_echoed(world, call):
    assert call("PUT", "/v0/locations/DC-EU", {"address": ADDRESS}).status_code == 204
    body = fields_of("GET /v0/locations/{location_id}", call("GET", "/v0/locations/DC-EU"))
    assert body["address"] == ADDRESS


@pytest.mark.parametrize(
    ("operation", "path", "body", "status"),
    [
        ("POST /v0/locations/{location_id}/_enable", "/v0/locations/DE-01/_enable", {}, 200),
        (
            "POST /v0/locations/{location_id}/inventory_master/_enable",
            "/v0/locations/FR-01/inventory_master/_enable",
            {},
            200,
        ),
        ("POST /v0/locations/{location_id}/_disable", "/v0/locations/DC-EU/_disable", {}, 200),
        ("POST /v0/stock_locations", "/v0/stock_locations", {"name": "Attic/2"}, 201),
        (
            "POST /v0/stock_locations/return_process_configuration",
            "/v0/stock_locations/return_process_configuration",
            {"condition_code": 7, "stock_location_name": "damaged"},
            201,
        ),
        (
            "POST /v0/i/inventory/adjustment_reasons",
            "/v0/i/inventory/adjustment_reasons",
            REASON,
            200,
        ),
        (
            "POST /v1/inventory/returns",
            "/v1/inventory/returns",
            {"location_id": "DE-01", "line_items": [LINE]},
            201,
        ),
    ],
)
def test_what_is_written_answers_with_the_fields_of_the_contract(
    call, operation, path, body, status
):
    fields_of(operation, call("POST", path, body, Idempotency_Key="k"), status)


def test_an_adjustment_and_the_reason_it_names(world, call):
    path = f"/v0/i/inventory/adjustment_reasons/{world.reason.uuid}"
    changed = fields_of(
        "PATCH /v0/i/inventory/adjustment_reasons/{reason_id}",
        call("PATCH", path, {"subtype": "Gone"}),
    )
    body = {"location_id": "DE-01", "reason_id": changed["id"], "line_items": [LINE]}
    answer = call("POST", "/v1/inventory/adjustments", body)
    assert fields_of("POST /v1/inventory/adjustments", answer)["success"] is True


def test_tokens(world, client):
    person("ada")
    form = {"grant_type": "password", "username": "ada", "password": PASSWORD}
    body = fields_of("POST /v0/token", client.post("/v0/token", form))
    assert body["token_type"] == "Bearer"


def test_the_configurations_are_written_whole_and_in_part(world, call):
    asked = {
        "allow_asn_overreceiving": False,
        "create_cycle_count_after_mispack": True,
        "create_cycle_count_after_mispick": False,
        "full_count_products_counted_before_trading": True,
    }
    assert call("GET", "/v0/i/configuration").json()["allow_asn_overreceiving"] is True
    assert call("PUT", "/v0/i/configuration", asked).status_code == 204
    assert call("GET", "/v0/i/configuration").json() == asked
    part = {"create_cycle_count_after_mispick": True}
    assert call("PATCH", "/v0/i/configuration", part).status_code == 204
    assert call("GET", "/v0/i/configuration").json() == asked | part
    for path in ("/inventory/config", "/v0/i/configuration/associate_app"):
        whole = call("GET", path).json()
        whole["enabled_counts_stores"] = ["DE-01"]
        assert call("PUT", path, whole, tenant=settings.TENANT).status_code == 204
        assert call("GET", path).json() == whole
        at = {code: call("GET", f"{path}?store_id={code}").json() for code in ("DE-01", "JP-01")}
        assert at["DE-01"]["store_config"]["counts"] is True
        assert at["JP-01"]["store_config"]["counts"] is False
        assert at["JP-01"]["enabled"] is True


def test_every_operation_of_reference_data_has_a_table():
    """Whoever adds an operation says which fields it has; other rooms have their own oracles."""
    described = {
        f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema(path_prefix="")["paths"].items()
        for method, told in methods.items()
        if set(told["responses"]) & {200, 201}
    }
    ours = {name for name in described if OURS.search(name)}
    assert ours <= set(TABLES)
    assert set(TABLES) <= described


def test_control_the_judge_sees_what_is_missing_strange_and_of_another_type():
    fields = TABLES["GET /v0/locations"]
    good = {"id": "A", "is_inventory_master": True, "store_id": None, "type": "dc"}
    assert list(wrong({"locations": [good]}, fields)) == []
    bad = {"id": 1, "is_inventory_master": True, "type": "dc", "colour": "red"}
    assert list(wrong({"locations": [bad]}, fields)) == [
        "locations[].store_id: missing",
        "locations[].id: 1 is not str",
        "locations[].colour: not in the contract",
    ]
    assert list(wrong({}, fields)) == ["locations: missing"]
