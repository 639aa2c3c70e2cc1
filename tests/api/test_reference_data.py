"""What reading and writing reference data does, and whom it is refused (CONTRACT §4)."""

import pytest
from django.contrib.auth.models import Permission

from inventory.models import AdjustmentReason, InventoryTransaction
from omnichannel.accounts.models import AuditEvent
from omnichannel.catalog.models import Pricebook, Product, ProductIdentifier
from omnichannel.locations.models import FulfillmentLocation, ReturnCondition, StockLocation
from tests.api.calling import caller, with_token
from tests.people import ALL, OWN, person

ADDRESS = {"address_line_1": "Kade 1", "city": "Rotterdam", "country_code": "NL"}
STORE = {
    "store_id": "NEW-1",
    "label": "New",
    "physical_address": {"address_line_1": "1", "country_code": "GB", "city": "London"},
    "timezone": "Europe/London",
}
REASONS = "/v0/i/inventory/adjustment_reasons"
RETURNS = "/v0/stock_locations/return_process_configuration"
PRODUCTS = "/v0/c/products?shop=EUR&locale=en"


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error_code"]


# ------------------------------------------------------------------ locations and stores


def test_a_location_is_found_by_its_id_before_a_store_id(world, call):
    FulfillmentLocation.objects.filter(pk=world.erp_store.pk).update(store_id="DC-EU")
    assert call("GET", "/v0/locations/DC-EU").json()["type"] == "dc"
    assert call("GET", "/v0/locations/store/DC-EU").json()["id"] == "FR-01"
    assert code(call("GET", "/v0/locations/store/FR-01")) == (404, "location_not_found")


def test_switching_a_location_twice_is_told_once(world, call):
    for _ in range(2):
        assert call("POST", "/v0/locations/DC-EU/_disable", {}).json()["is_enabled"] is False
    assert call("POST", "/v0/locations/DC-EU/_enable").json()["is_enabled"] is True
    told = AuditEvent.objects.order_by("pk").values_list("resource", "resource_id", "after")
    assert list(told) == [
        ("location", "DC-EU", {"is_enabled": False}),
        ("location", "DC-EU", {"is_enabled": True}),
    ]


def test_only_a_centre_takes_an_address_here(world, call):
    answer = call("PUT", "/v0/locations/DE-01", {"address": ADDRESS})
    assert code(answer) == (405, "location_does_not_support_update")
    for change in ({"country_code": "XX"}, {"country_code": "nl"}, {"city": ""}, {"city": None}):
        answer = call("PUT", "/v0/locations/DC-EU", {"address": ADDRESS | change})
        assert code(answer) == (400, "invalid_data"), change
    assert "address" not in call("GET", "/v0/locations/DC-EU").json()
    assert call("PUT", "/v0/locations/DC-EU", {"address": ADDRESS}).status_code == 204
    world.dc.refresh_from_db()
    assert (world.dc.city, world.dc.country_code) == ("Rotterdam", "NL")


def test_who_acts_for_one_store_changes_no_other(world):
    manager = person("m", stores=(world.berlin,), stock_scope=ALL, document_scope=OWN)
    manager.user_permissions.set(permissions("manage_locations"))
    call = caller(manager)
    assert call("GET", "/v0/locations/JP-01").status_code == 200
    assert code(call("POST", "/v0/locations/JP-01/_disable")) == (404, "location_not_found")
    assert code(call("PATCH", "/v0/d/stores/JP-01", {"label": "x"})) == (404, "location_not_found")
    assert code(call("POST", "/v0/d/stores", STORE)) == (403, "forbidden")
    assert call("PATCH", "/v0/d/stores/DE-01", {"label": "x"}).status_code == 200
    assert AuditEvent.objects.count() == 1


def permissions(*codenames: str):
    return Permission.objects.filter(codename__in=codenames)


def test_a_store_is_made_once(world, call):
    assert call("POST", "/v0/d/stores", STORE).status_code == 200
    assert code(call("POST", "/v0/d/stores", STORE)) == (409, "store_already_exists")
    taken = call("POST", "/v0/d/stores", STORE | {"store_id": "DC-EU"})
    assert code(taken) == (409, "store_already_exists")
    assert FulfillmentLocation.objects.filter(code="NEW-1").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"store_id": "with space"},
        {"store_id": ""},
        {"store_id": "x" * 257},
        {"label": ""},
        {"timezone": "Mars/Olympus"},
        {"timezone": None},
        {"physical_address": None},
        {"physical_address": {"address_line_1": "1", "country_code": "XX"}},
        {"physical_address": {"country_code": "DE"}},
        {"pricebook": "no such book"},
        {"business_hours": [{"from_time": "9", "to_time": "10:00", "weekday": 1}]},
        {"supported_shipping_methods": ["drone"]},
        {"delivery_zip_codes": ["1"]},
        {"tax_id": "12"},
        {"active_status": "perhaps"},
    ],
)
def test_a_store_of_nonsense_is_refused_and_not_made(world, call, change):
    before = FulfillmentLocation.objects.count()
    assert code(call("POST", "/v0/d/stores", STORE | change)) == (400, "invalid_data")
    assert FulfillmentLocation.objects.count() == before
    assert not AuditEvent.objects.exists()


def test_a_change_leaves_what_it_does_not_name(world, call):
    call("POST", "/v0/d/stores", STORE | {"locale": "en-gb", "phone_number": "1"})
    body = call("PATCH", "/v0/d/stores/NEW-1", {"phone_number": None, "catalog": "c"}).json()
    assert (body["locale"], body["phone_number"], body["catalog"]) == ("en-gb", None, "c")
    assert body["label"] == "New"
    assert code(call("PATCH", "/v0/d/stores/NEW-1", {"label": None})) == (400, "invalid_data")
    renamed = call("PATCH", "/v0/d/stores/NEW-1", {"store_id": "NEW-2"})
    assert code(renamed) == (400, "invalid_data")
    event = AuditEvent.objects.latest("pk")
    assert event.before == {"phone_number": "1", "catalog": None}
    assert event.after == {"phone_number": None, "catalog": "c"}


def test_a_location_that_nobody_told_about_is_shown_as_it_is(world, call):
    FulfillmentLocation.objects.filter(pk=world.berlin.pk).update(
        country_code="", time_zone="Nowhere/Yet", city=""
    )
    body = call("GET", "/v0/d/stores/DE-01").json()
    assert (body["timezone"], body["physical_address"]["country_code"]) == ("Nowhere/Yet", "")
    assert "created_at" not in body


def test_no_more_stores_than_asked_for(world, call):
    assert len(call("GET", "/v0/d/stores").json()["stores"]) == 3
    assert len(call("GET", "/v0/d/stores?max_stores=2").json()["stores"]) == 2


# ------------------------------------------------------------------ stock


def test_stock_of_a_store_by_stock_location(world, call):
    assert call("GET", "/v0/stores/DE-01/products").json() == [
        {
            "location_name": "main",
            "location_label": "Main",
            "location_sellable": True,
            "stock": {"85123A": 10, "MUG/1=a": 4},
        },
        {
            "location_name": "damaged",
            "location_label": "Damaged",
            "location_sellable": False,
            "stock": {"85123A": 2},
        },
    ]


def test_stock_of_one_product_and_of_the_sellable_ones(world, call):
    def found(path: str) -> dict:
        shelves = call("GET", f"/v0/stores/{path}").json()
        return {shelf["location_name"]: shelf["stock"] for shelf in shelves}

    assert found("DE-01/products/85123A") == {"main": {"85123A": 10}, "damaged": {"85123A": 2}}
    assert found("DE-01/products/MUG/1=a") == {"main": {"MUG/1=a": 4}}
    assert found("JP-01/products/85123A") == {"main": {"85123A": 0}}
    assert found("DE-01/products?sellable=true") == {"main": {"85123A": 10, "MUG/1=a": 4}}
    assert found("DE-01/products?sellable=false") == {"damaged": {"85123A": 2}}
    assert found("JP-01/products") == {"main": {}}


def test_stock_that_moved_since(world, call):
    moved = world.post((world.mug, 1), type="RECEIVING")
    posted = InventoryTransaction.objects.get(pk=moved.transaction_id)
    since = posted.movements()[0].posted_at.timestamp()
    (main,) = call("GET", f"/v0/stores/DE-01/products?from={since!r}").json()
    assert main["stock"] == {"MUG/1=a": 5}
    (main,) = call("GET", f"/v0/stores/DE-01/products?from={since + 3600!r}").json()
    assert main["stock"] == {}


def test_stock_that_another_system_keeps_is_421(world, call):
    for path in ("/v0/stores/FR-01/products", "/v0/stores/FR-01/products/85123A"):
        assert code(call("GET", path)) == (421, "misdirected_request")


def test_what_is_no_store_and_no_product_is_404(world, call):
    for path in ("DC-EU/products", "nowhere/products", "nowhere/products/85123A"):
        assert code(call("GET", f"/v0/stores/{path}")) == (404, "location_not_found")
    assert code(call("GET", "/v0/stores/DE-01/products/none")) == (404, "product_not_found")


# ------------------------------------------------------------------ stock locations and returns


def test_names_of_the_system_are_neither_shown_nor_given(world, call):
    shown = [s["name"] for s in call("GET", "/v0/stock_locations").json()["stock_locations"]]
    assert "main" in shown
    assert not [name for name in shown if name.startswith("_")]
    answer = call("GET", "/v0/stock_locations/_in_transit")
    assert code(answer) == (404, "stock_location_not_found")
    answer = call("PATCH", "/v0/stock_locations/_in_transit", {"display_name": "x"})
    assert code(answer) == (404, "stock_location_not_found")
    assert call("POST", "/v0/stock_locations", {"name": "_x"}).status_code == 422


def test_a_new_stock_location_is_not_salable_and_is_made_once(world, call):
    body = {"name": "Attic/2", "salable": True}
    made = call("POST", "/v0/stock_locations", body).json()
    assert made == {"name": "Attic/2", "display_name": "Attic/2", "salable": False}
    again = call("POST", "/v0/stock_locations", body)
    assert code(again) == (422, "stock_location_already_exists")
    assert StockLocation.objects.filter(name="Attic/2").count() == 1
    assert call("GET", "/v0/stock_locations/Attic/2").status_code == 200


def test_a_condition_of_returns_is_changed_by_a_later_revision_only(world, call):
    def write(shelf: str, **more):
        return call("POST", RETURNS, {"condition_code": 5, "stock_location_name": shelf, **more})

    assert write("main").json()["revision"] == 1
    assert write("damaged", revision=7).json()["revision"] == 7
    for late in (7, 3, 0):
        assert code(write("main", revision=late)) == (409, "conflict")
    assert write("main").json()["revision"] == 8
    assert code(write("nowhere")) == (404, "stock_location_not_found")
    assert code(write("_in_transit")) == (404, "stock_location_not_found")
    condition = ReturnCondition.objects.get()
    assert (condition.stock_location.name, condition.revision) == ("main", 8)


# ------------------------------------------------------------------ reasons


def test_a_reason_names_one_stock_location_or_two_different_ones(world, call):
    words = {"type": "Move", "subtype": "Shelf"}
    for sides in (
        {},
        {"origin_stock_location": "main", "destination_stock_location": "main"},
        {"origin_stock_location": "nowhere"},
        {"destination_stock_location": "_in_transit"},
    ):
        assert code(call("POST", REASONS, words | sides)) == (422, "invalid_data")
    sides = {"origin_stock_location": "main", "destination_stock_location": "damaged"}
    made = call("POST", REASONS, words | sides).json()
    assert (made["origin"], made["destination"], made["is_activated"]) == ("main", "damaged", True)
    assert code(call("POST", REASONS, words | sides)) == (422, "invalid_data")


def test_what_was_posted_keeps_the_words_it_was_posted_with(world, call):
    known_as = str(world.reason.uuid)
    line = {"product_id": "85123A", "quantity": 1}
    body = {"location_id": "DE-01", "reason_id": known_as, "line_items": [line]}
    posted = call("POST", "/v1/inventory/adjustments", body).json()["id"]
    renamed = call("PATCH", f"{REASONS}/{known_as}", {"subtype": "Stolen"}).json()
    assert (renamed["id"], renamed["subtype"], renamed["origin"]) == (known_as, "Stolen", "main")
    document = InventoryTransaction.objects.get(uuid=posted)
    assert (document.reason.subtype, document.reason.is_active) == ("Missing", False)
    later = call("POST", "/v1/inventory/adjustments", body).json()["id"]
    assert InventoryTransaction.objects.get(uuid=later).reason.subtype == "Stolen"
    listed = call("GET", "/inventory/adjustment-reasons").json()["reasons"]
    assert [reason["subtype"] for reason in listed] == ["Stolen"]
    every = call("GET", "/inventory/adjustment-reasons?should_include_inactive=true").json()
    assert {reason["subtype"] for reason in every["reasons"]} == {"Stolen", "Missing"}


def test_a_reason_that_nobody_used_is_renamed_in_place(world, call):
    call("PATCH", f"{REASONS}/{world.reason.uuid}", {"type": "Loss", "is_activated": False})
    reason = AdjustmentReason.objects.get()
    assert (reason.pk, reason.type, reason.is_active) == (world.reason.pk, "Loss", False)
    unchanged = call("PATCH", f"{REASONS}/{world.reason.uuid}", {"type": None})
    assert unchanged.json()["type"] == "Loss"
    assert AuditEvent.objects.count() == 1


# ------------------------------------------------------------------ configuration


def test_stores_of_a_configuration_exist(world, call):
    whole = call("GET", "/inventory/config").json()
    answer = call(
        "PUT", "/inventory/config", whole | {"enabled_counts_stores": ["DE-01", "X", "Y"]}
    )
    assert code(answer) == (400, "invalid_data")
    assert "X, Y" in answer.json()["message"]
    assert call("GET", "/inventory/config").json() == whole
    del whole["enabled_counts_stores"]
    assert code(call("PUT", "/inventory/config", whole)) == (400, "invalid_data")
    older = call("PUT", "/v0/i/configuration/associate_app", whole)
    assert code(older) == (422, "invalid_data")


def test_a_configuration_that_is_the_same_is_no_change(world, call):
    same = call("GET", "/v0/i/configuration").json()
    assert call("PUT", "/v0/i/configuration", same).status_code == 204
    assert call("PATCH", "/v0/i/configuration", {}).status_code == 204
    assert not AuditEvent.objects.exists()


# ------------------------------------------------------------------ products


def test_a_product_is_found_by_any_name_it_has_and_without_a_token(world):
    call = with_token("")
    for key in (
        "85123A",
        "product_id=85123A",
        "sku=SKU-1",
        "ean13=4006381333931",
        "EAN13=4006381333931",
    ):
        for path in (f"/v0/c/products/{key}", f"/api/v1/shops/any/products/{key}?locale=en-us"):
            body = call("GET", path).json()
            assert body["product_id"] == "85123A"
    assert body["external_identifiers"] == {"sku": "SKU-1", "ean13": "4006381333931"}
    assert (body["price"], body["currency_code"]) == (9.9, "EUR")
    assert (body["title"], body["variant_group_id"]) == ("Heart holder", "HEART")
    assert (body["variation_color_value"], body["variation_size_value"]) == ("red", "M")
    assert call("GET", "/v0/c/products/MUG/1=a").json()["product_id"] == "MUG/1=a"
    for key in ("ean13=1", "upc=4006381333931", "sku=", "=", "none", "ean13=4006381333931=x"):
        assert code(call("GET", f"/v0/c/products/{key}")) == (404, "product_not_found")


def test_of_several_with_one_sku_the_one_that_is_sold(world, call):
    Product.objects.create(product_id="OLD", sku="S", name="Old", is_active=False)
    sold = Product.objects.create(product_id="NOW", sku="S", name="Now")
    ProductIdentifier.objects.create(product=sold, type="ean", value="1")
    assert call("GET", "/v0/c/products/sku=S").json()["product_id"] == "NOW"
    assert call("GET", "/v0/c/products/OLD").json()["product_id"] == "OLD"


def test_a_product_without_a_price_has_none_and_never_zero(world, call):
    world.product("FREE", size="XL")
    body = call("GET", "/v0/c/products/FREE").json()
    assert (body["price"], body["currency_code"]) == (None, None)


def test_the_shop_says_whose_prices(world, call):
    pounds = Pricebook.objects.create(name="UK shop", currency="GBP")
    world.heart.prices.create(pricebook=pounds, value="7.50")
    body = call("GET", "/api/v1/shops/UK shop/products/85123A").json()
    assert (body["price"], body["currency_code"]) == (7.5, "GBP")


def test_products_are_searched_filtered_and_sorted(world, call):
    world.product("RED-2", "Heart box", color="red", size="L")

    def ids(asked: str) -> list[str]:
        return [item["product_id"] for item in call("GET", f"{PRODUCTS}&{asked}").json()["items"]]

    assert ids("q=heart") == ["85123A", "RED-2"]
    assert ids("q=heart&sort=title|asc") == ["RED-2", "85123A"]
    assert ids("q=heart&sort=product_id|desc") == ["RED-2", "85123A"]
    assert ids("q=%25") == []
    assert ids("facetfilter[variation_color_value]=red,blue") == ["85123A", "RED-2"]
    assert ids("facetfilter[variation_size_value]=L") == ["RED-2"]
    for nonsense in ("sort=price", "sort=title|up", "facetfilter[soul]=x", "min_soh=1"):
        assert code(call("GET", f"{PRODUCTS}&{nonsense}")) == (400, "invalid_data")


def test_a_closed_catalogue_asks_for_a_token(world, settings):
    settings.OPEN_CATALOG = False
    stranger, nobody = with_token(""), caller(person("nobody"))
    reader = caller(person("reader", "Viewer"))
    narrow = caller(person("narrow", "Viewer"), ("locations:read",))
    for path in (PRODUCTS, "/v0/c/products/85123A", "/api/v1/shops/a/products/85123A"):
        asked = [ask("GET", path).status_code for ask in (stranger, nobody, narrow, reader)]
        assert asked == [401, 403, 403, 200], path


def test_strangers_may_not_read_the_catalogue_without_end(world, few_at_once):
    call = with_token("")
    answers = [call("GET", "/v0/c/products/none") for _ in range(5)]
    assert [a.status_code for a in answers] == [404, 404, 404, 429, 429]
    assert answers[-1].json()["error_code"] == "too_many_requests"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
