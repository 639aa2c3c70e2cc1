"""Who changed what: told by the API and by the admin, never with a secret (CONTRACT §4.8)."""

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from omnichannel.accounts import audit
from omnichannel.accounts.models import AuditEvent, User
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation
from tests.api.calling import SECRET, api_client, with_token
from tests.people import person, signed_in


def test_an_event_says_who_by_what_and_how(world, everybody, client):
    made = api_client(everybody, "erp-client")
    grant = {"grant_type": "client_credentials", "client_id": made.client_id}
    token = client.post("/v0/token", {**grant, "client_secret": SECRET}).json()["access_token"]
    call = with_token(token)
    answer = call("POST", "/v0/locations/DE-01/_disable", {}, User_Agent="curl/8 \udcff")
    (event,) = call("GET", "/audit-events").json()["items"]
    assert (event["operation"], event["resource"], event["resource_id"]) == (
        "UPDATED",
        "location",
        "DE-01",
    )
    assert event["actor"] == {
        "user_id": str(everybody.pk),
        "display_name": "erp",
        "authorized_party": "erp-client",
        "token_id": token[:12],
    }
    assert event["request"]["path"] == "/v0/locations/DE-01/_disable"
    assert event["request"]["request_id"] == answer.headers["X-Request-ID"]
    assert (event["before"], event["after"]) == ({"is_enabled": True}, {"is_enabled": False})
    assert (event["level"], event["tenant"]) == ("AUDIT", "demo")


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("resource=location", 2),
        ("resource=location&resource_id=DE-01", 1),
        ("resource=stock_location", 1),
        ("operation=CREATED", 1),
        ("operation=DELETED", 0),
        ("actor_name=erp", 3),
        ("actor_name=ERP", 0),
        ("actor_id=0", 0),
        ("from=2000-01-01", 3),
        ("to=2000-01-01", 0),
    ],
)
def test_events_are_filtered(world, call, asked, number):
    call("POST", "/v0/locations/DE-01/_disable", {})
    call("POST", "/v0/locations/JP-01/_disable", {})
    call("POST", "/v0/stock_locations", {"name": "attic"})
    assert len(call("GET", f"/audit-events?{asked}").json()["items"]) == number


def test_more_than_the_limit_is_429(world, call, few_at_once):
    statuses = [call("GET", "/audit-events").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_an_event_stays_as_it_was_written(world, call):
    call("POST", "/v0/locations/DE-01/_disable", {})
    for change in (AuditEvent.objects.all().delete, lambda: AuditEvent.objects.update(after=None)):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()
    assert AuditEvent.objects.count() == 1


def test_what_the_admin_changes_is_told_with_its_values(world):
    boss = signed_in(person("root", is_staff=True, is_superuser=True))
    page = reverse("admin:catalog_product_change", args=[world.heart.pk])
    form = {"product_id": "85123A", "name": "Heart, new", "sku": "SKU-1", "size": "M",
            "color": "red", "variant_group": "HEART", "is_active": "on",
            "identifiers-TOTAL_FORMS": 0, "identifiers-INITIAL_FORMS": 0}  # fmt: skip
    assert boss.post(page, form).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.operation, event.resource) == ("UPDATED", "product")
    assert (event.before, event.after) == ({"name": "Heart holder"}, {"name": "Heart, new"})
    assert Product.objects.get(pk=world.heart.pk).name == "Heart, new"


def test_a_new_user_and_a_new_password_are_told_without_it(world):
    boss = signed_in(person("root", is_staff=True, is_superuser=True))
    typed = "a password that nobody reads"
    form = {"username": "new", "password1": typed, "password2": typed, "usable_password": "true",
            "kind": "PERSON", "stock_scope": "OWN_STORES", "document_scope": "OWN_STORES"}  # fmt: skip
    answer = boss.post(reverse("admin:accounts_user_add"), form)
    assert answer.status_code in (200, 302)
    user = User.objects.filter(username="new").first()
    assert user is not None, answer.content.decode()
    change = reverse("admin:auth_user_password_change", args=[user.pk])
    boss.post(
        change, {"password1": typed + "!", "password2": typed + "!", "usable_password": "true"}
    )
    told = list(AuditEvent.objects.order_by("pk").values_list("operation", "resource_id", "after"))
    assert [row[:2] for row in told] == [("CREATED", str(user.pk)), ("UPDATED", str(user.pk))]
    assert told[0][2]["username"] == "new"
    assert typed not in str(AuditEvent.objects.values())
    user.refresh_from_db()
    assert user.password.split("$")[-1] not in str(list(AuditEvent.objects.values()))


def test_a_row_that_is_deleted_in_the_admin_is_told(world):
    boss = signed_in(person("root", is_staff=True, is_superuser=True))
    lonely = world.reason
    answer = boss.post(
        reverse("admin:inventory_adjustmentreason_delete", args=[lonely.pk]), {"post": "yes"}
    )
    assert answer.status_code == 302
    event = AuditEvent.objects.get()
    assert (event.operation, event.resource, event.resource_id) == (
        "DELETED",
        "adjustment_reason",
        str(lonely.uuid),
    )


def test_a_change_that_fails_is_not_told(world, call):
    assert (
        call("PATCH", "/v0/d/stores/DE-01", {"label": "x", "pricebook": "none"}).status_code == 400
    )
    assert not AuditEvent.objects.exists()
    assert FulfillmentLocation.objects.get(code="DE-01").name == "Store DE-01"


def test_nothing_secret_has_a_field_that_would_be_told():
    assert all(word in audit.SECRET for word in ("password", "secret", "token"))
