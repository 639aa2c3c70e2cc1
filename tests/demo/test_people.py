import json

import pytest
from django.contrib.auth import authenticate
from django.db import transaction

from demo.loading import load_demo
from demo.people import LOGINS
from inventory.models import InventoryTransaction, StockOnHand
from omnichannel.accounts.models import User

from .conftest import NOW, Folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(folder: Folder) -> None:
    with transaction.atomic():
        load_demo(now=NOW, folder=folder.path)


def stores_read(username: str) -> set[str]:
    rows = StockOnHand.objects.visible_to(User.objects.get(username=username))
    return set(rows.values_list("location__code", flat=True))


def stores_acted_for(username: str) -> set[str]:
    rows = InventoryTransaction.objects.visible_to(User.objects.get(username=username))
    return set(rows.values_list("location__code", flat=True))


# The last one is of the stores beside the year; the other has nothing of so small a range.
EVERY_STORE = {"GB-01", "DE-01", "US-01", "ES-90"}


@pytest.mark.parametrize(
    ("username", "reads", "acts_for", "role"),
    [
        ("admin", EVERY_STORE, EVERY_STORE, ["Admin"]),
        ("operations", EVERY_STORE, EVERY_STORE, ["Corporate Operations"]),
        ("manager-de", EVERY_STORE, {"DE-01"}, ["Store Manager"]),
        ("manager-gb", {"GB-01"}, {"GB-01"}, ["Store Manager"]),
        ("associate-de", EVERY_STORE, {"DE-01"}, ["Associate"]),
        ("viewer", EVERY_STORE, {"DE-01", "GB-01"}, ["Viewer"]),
        ("nobody", EVERY_STORE, set(), []),
        ("erp", EVERY_STORE, EVERY_STORE, ["Integration"]),
    ],
)
def test_what_each_login_may_see(
    loaded: None, username: str, reads: set[str], acts_for: set[str], role: list[str]
) -> None:
    user = User.objects.get(username=username)
    assert list(user.groups.values_list("name", flat=True)) == role
    assert (user.is_superuser, user.is_staff) == ((username == "admin"),) * 2
    assert stores_read(username) == reads
    assert stores_acted_for(username) == acts_for


def test_the_roles_carry_their_permissions(loaded: None) -> None:
    def may(username: str) -> set[str]:
        return User.objects.get(username=username).get_all_permissions()

    assert may("nobody") == set()
    assert may("viewer") == {"inventory.view_inventory_management"}
    assert "counts.complete_cycle_counts" in may("manager-de")
    assert "inventory.view_inventory_management" not in may("associate-de")


def test_the_printed_password_opens_every_login(loaded: None, rf: object) -> None:
    request = rf.post("/")  # type: ignore[attr-defined]
    for login in LOGINS:
        credentials = {"username": login.username, "password": "omnichannel-demo"}
        assert authenticate(request, **credentials) is not None


@pytest.mark.parametrize(
    "grant",
    [
        {"grant_type": "password", "username": "erp", "password": "omnichannel-demo"},
        {
            "grant_type": "client_credentials",
            "client_id": "erp-client",
            "client_secret": "omnichannel-demo",
        },
    ],
)
def test_an_integration_reads_and_adjusts_with_the_printed_password(loaded, client, grant):
    token = client.post("/v0/token", grant).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    stock = client.get("/v0/stores/DE-01/products?sellable=true", headers=headers).json()
    product_id, held = next((p, n) for p, n in stock[0]["stock"].items() if n > 0)
    reasons = client.get("/inventory/adjustment-reasons", headers=headers).json()["reasons"]
    body = {
        "location_id": "DE-01",
        "reason_id": next(r["id"] for r in reasons if r["origin"] == "main"),
        "line_items": [{"product_id": product_id, "quantity": 1}],
    }
    url = "/v1/inventory/adjustments"
    answer = client.post(url, json.dumps(body), "application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    stock = client.get(f"/v0/stores/DE-01/products/{product_id}", headers=headers).json()
    assert stock[0]["stock"] == {product_id: held - 1}
    assert client.get("/iam/users", headers=headers).status_code == 403


def test_a_chosen_password_replaces_it(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "correct horse battery")
    with transaction.atomic():
        load_demo(now=NOW, folder=folder.path)
    user = User.objects.get(username="manager-de")
    assert user.check_password("correct horse battery")
    assert not user.check_password("omnichannel-demo")
