"""Settings in the browser: the same decisions, refusals and records as over the API."""

import pytest

from inventory.models import AdjustmentReason
from omnichannel.accounts.models import AuditEvent
from omnichannel.locations.configuration import MANUAL, STORES
from omnichannel.locations.models import Configuration, ReturnCondition, StockLocation
from tests.people import person, signed_in

from .conftest import World

S = "/settings"


@pytest.fixture
def world(transactional_db):
    return World()


@pytest.fixture
def admin(world):
    return signed_in(person("admin", "Admin", document_scope="ALL_STORES"))


def told_of() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("pk").values_list("operation", "resource"))


# ------------------------------------------------------------------ stock locations
def test_a_stock_location_is_made_once_and_renamed(admin):
    words = {"name": "attic", "display_name": "Speicher"}
    assert admin.post(f"{S}/stock-locations/new/", words).status_code == 302
    assert admin.post(f"{S}/stock-locations/new/", words).status_code == 409
    renamed = admin.post(f"{S}/stock-locations/rename/attic/", {"display_name": "Window"})
    assert renamed.status_code == 302
    made = StockLocation.objects.get(name="attic")
    assert (made.display_name, made.is_salable) == ("Window", False)
    assert [resource for _operation, resource in told_of()] == ["stock_location"] * 2


@pytest.mark.parametrize("name", ["_mine", "return_process_configuration", "", "  "])
def test_names_of_the_system_are_not_taken(admin, name):
    before = StockLocation.objects.count()
    answer = admin.post(f"{S}/stock-locations/new/", {"name": name, "display_name": "x"})
    assert answer.status_code in (400, 409)
    assert StockLocation.objects.count() == before


def test_what_the_system_keeps_is_shown_and_renamed_by_nobody(admin, world):
    page = admin.get(f"{S}/stock-locations/").content.decode()
    assert "_in_transit" in page
    assert "rename/_in_transit" not in page
    assert admin.get(f"{S}/stock-locations/rename/_in_transit/").status_code == 404


def test_a_condition_is_set_and_set_again(admin, world):
    url = f"{S}/return-conditions/set/"
    for shelf in ("damaged", "main"):
        assert admin.post(url, {"code": "7", "shelf": shelf}).status_code == 302
    condition = ReturnCondition.objects.get()
    assert (condition.stock_location.name, condition.revision) == ("main", 2)
    for wrong in ({"code": "7", "shelf": "_in_transit"}, {"code": "x", "shelf": "main"}, {}):
        assert admin.post(url, wrong).status_code == 400
    assert ReturnCondition.objects.get().revision == 2


# ------------------------------------------------------------------ reasons
def test_a_reason_is_made_renamed_and_switched_off(admin, world):
    words = {"type": "Damage", "subtype": "Water", "origin": "main", "destination": "damaged"}
    assert admin.post(f"{S}/adjustment-reasons/new/", words).status_code == 302
    assert admin.post(f"{S}/adjustment-reasons/new/", words).status_code == 409
    made = AdjustmentReason.objects.get(subtype="Water")
    answer = admin.post(
        f"{S}/adjustment-reasons/{made.uuid}/", {"type": "Damage", "subtype": "Flood"}
    )
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.subtype, made.is_active, made.destination.name) == ("Flood", False, "damaged")


@pytest.mark.parametrize("sides", [{}, {"origin": "main", "destination": "main"}])
def test_a_reason_that_moves_nothing_is_refused(admin, world, sides):
    words = {"type": "Damage", "subtype": "Water", **sides}
    assert admin.post(f"{S}/adjustment-reasons/new/", words).status_code == 409
    assert AdjustmentReason.objects.count() == 1


# ------------------------------------------------------------------ configuration
def everything() -> dict[str, str]:
    """The defaults, as the form sends them."""
    stored = Configuration.current()
    boxes = {name: "on" for name in MANUAL if stored.phone[name]}
    times = {"customer_reservation_minutes": "1440", "reservation_timeout_seconds": "900"}
    return {"allow_asn_overreceiving": "on", **times, **boxes, **dict.fromkeys(STORES, "*")}


def test_what_is_decided_is_stored_and_recorded_once(admin, world):
    words = {
        **everything(),
        "create_cycle_count_after_mispick": "on",
        "enabled_counts_stores": "DE-01, JP-01 DE-01",
    }
    url = f"{S}/configuration/"
    assert admin.post(url, words).status_code == 302
    assert admin.post(url, words).status_code == 302
    stored = Configuration.current()
    assert stored.create_cycle_count_after_mispick
    assert stored.phone["enabled_counts_stores"] == ["DE-01", "JP-01"]
    assert stored.phone["enabled_receiving_stores"] == ["*"]
    assert told_of() == [("UPDATED", "configuration")]
    page = admin.get(url).content.decode()
    assert 'value="DE-01, JP-01"' in page


def test_a_store_that_is_none_is_named_and_nothing_written(admin, world):
    words = {**everything(), "enabled_counts_stores": "DE-01, XX-9"}
    refused = admin.post(f"{S}/configuration/", words)
    assert refused.status_code == 409
    assert "XX-9" in refused.content.decode()
    assert not Configuration.objects.exists()


def test_who_may_only_look_gets_a_closed_form(world):
    viewer = signed_in(person("manager", "Store Manager", stores=(world.berlin,)))
    page = viewer.get(f"{S}/configuration/").content.decode()
    assert page.count("disabled") >= 10
    assert ">Save<" not in page
    assert viewer.post(f"{S}/configuration/", everything()).status_code == 403
