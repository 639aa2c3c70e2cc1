"""Django admin: reference data, users and roles; no stock, no rights out of thin air."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inventory.models import (
    AdjustmentReason,
    InventoryTransaction,
    InventoryTransactionLine,
    LedgerVerification,
    StockMovement,
    StockOnHand,
)
from omnichannel.accounts.models import Role, User
from omnichannel.catalog.models import Price, Pricebook, Product, ProductIdentifier
from omnichannel.locations.models import FulfillmentLocation, LocationAccess, StockLocation
from tests.people import ALL, OWN, PASSWORD, person, signed_in, store

pytestmark = pytest.mark.django_db


def change_url(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def list_url(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def add_url(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


@pytest.fixture
def boss() -> Client:
    return signed_in(
        person("boss", is_staff=True, is_superuser=True, stock_scope=ALL, document_scope=ALL)
    )


@pytest.fixture
def clerk_user() -> User:
    """Manages users, but is no superuser and acts in one store only."""
    group = Group.objects.create(name="Clerks")
    wanted = ("manage_users_and_roles", "view_tools")
    group.permissions.set(Permission.objects.filter(codename__in=wanted))
    home = store("DE-01")
    user = person("clerk", stores=(home,), is_staff=True, stock_scope=OWN, document_scope=OWN)
    user.groups.add(group)
    return user


@pytest.fixture
def clerk(clerk_user) -> Client:
    return signed_in(clerk_user)


def form_of(page) -> dict[str, object]:
    """The fields that a browser would send back: the admin form and its inlines."""
    form = page.context["adminform"].form
    data = {}
    forms = [form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    for one in forms:
        for field in one:
            value = field.value()
            if hasattr(field.field, "choices") and isinstance(value, list):
                value = [getattr(item, "pk", item) for item in value]
            if value is True:
                value = "on"
            if value is not None and value is not False:
                data[field.html_name] = value
    for name in ("last_login", "date_joined"):
        data.pop(name, None)
    return data


def save(client: Client, url: str, **changes: object):
    page = client.get(url)
    assert page.status_code == 200, page
    data = form_of(page) | changes
    return client.post(url, {k: v for k, v in data.items() if v is not None})


# ------------------------------------------------------------------ the site


def test_the_site_is_ours_and_holds_reference_data_only(boss):
    text = boss.get("/admin/").content.decode()
    assert "Omnichannel Manager" in text
    registered = set(admin.site._registry)
    assert registered == {
        User,
        Role,
        FulfillmentLocation,
        StockLocation,
        Product,
        Pricebook,
        AdjustmentReason,
        LedgerVerification,
        InventoryTransaction,
    }
    assert not registered & {StockOnHand, StockMovement, InventoryTransactionLine, Authenticator}


def test_one_login_page():
    answer = Client().get("/admin/catalog/product/?q=x")
    assert answer.headers["Location"] == "/account/login/?next=/admin/catalog/product/%3Fq%3Dx"
    answer = Client().get("/admin/login/", {"next": "https://evil.example/"})
    assert answer.headers["Location"] == "/account/login/?next=/admin/"
    answer = Client().post("/admin/login/", {"username": "boss", "password": PASSWORD})
    assert answer.status_code == 302
    assert "session" not in answer.cookies


def test_only_staff_enters(boss):
    anna = signed_in(person("anna", "Admin"))
    assert anna.get("/admin/").status_code == 403
    assert anna.get("/admin/login/").status_code == 403
    assert anna.get(list_url(Product)).status_code == 403
    assert boss.get("/admin/login/?next=/admin/catalog/").headers["Location"] == "/admin/catalog/"
    assert boss.get("/admin/password_change/").headers["Location"] == "/account/password/change/"


def test_staff_without_a_role_sees_an_empty_site():
    client = signed_in(person("anna", is_staff=True))
    assert client.get("/admin/").status_code == 200
    for model in admin.site._registry:
        assert client.get(list_url(model)).status_code == 403
        assert client.get(add_url(model)).status_code == 403


def test_the_admin_role_reaches_everything_without_being_a_superuser():
    client = signed_in(person("anna", "Admin", is_staff=True, document_scope=ALL))
    for model in admin.site._registry:
        assert client.get(list_url(model)).status_code == 200, model


READ_ONLY = (InventoryTransaction, LedgerVerification)


@pytest.mark.parametrize("model", READ_ONLY)
def test_nobody_writes_documents_and_proofs(boss, model):
    home = store("DE-01")
    row = transaction(home) if model is InventoryTransaction else proof()
    assert boss.get(change_url(row)).status_code == 200
    assert boss.get(add_url(model)).status_code == 403
    assert boss.post(add_url(model), {}).status_code == 403
    assert boss.post(change_url(row), {"reference": "forged"}).status_code == 403
    delete = change_url(row).replace("change", "delete")
    assert boss.post(delete, {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    boss.post(list_url(model), bulk)
    assert model.objects.filter(pk=row.pk).exists()


def test_no_bulk_delete_anywhere(boss):
    for model in admin.site._registry:
        page = boss.get(list_url(model))
        assert "delete_selected" not in page.content.decode()


def transaction(home: FulfillmentLocation, lines: int = 1) -> InventoryTransaction:
    now = timezone.now()
    main = StockLocation.objects.get(name="main")
    row = InventoryTransaction.objects.create(
        type="RECEIVING",
        status="COMPLETED",
        location=home,
        reference=f"ASN-{home.code}",
        associate_id="anna",
        started_at=now,
        completed_at=now,
        operation_key=f"key {home.code} {InventoryTransaction.objects.count()}",
        movements_after=0,
        movement_count=0,
    )
    for position in range(lines):
        product = Product.objects.create(
            product_id=f"P{row.pk}-{position}", name=f"<b>Shirt</b> {position}"
        )
        InventoryTransactionLine.objects.create(
            transaction=row,
            position=position,
            product=product,
            quantity=position,
            to_stock_location=main,
        )
    return row


def proof() -> LedgerVerification:
    now = timezone.now()
    return LedgerVerification.objects.create(
        started_at=now, finished_at=now, movements=1, stock_rows=1, differences=0
    )


def test_a_transaction_shows_its_lines_escaped_and_counts_what_it_leaves_out(boss, monkeypatch):
    monkeypatch.setattr("inventory.admin.SHOWN_LINES", 2)
    text = boss.get(change_url(transaction(store("DE-01"), lines=5))).content.decode()
    assert "&lt;b&gt;Shirt&lt;/b&gt; 1" in text
    assert "<b>Shirt" not in text
    assert "and 3 more" in text


def test_transactions_outside_the_scope_are_404():
    here, there = store("DE-01"), store("GB-01", "GB")
    own, foreign = transaction(here), transaction(there)
    client = signed_in(person("anna", "Admin", stores=(here,), is_staff=True, document_scope=OWN))
    assert client.get(change_url(own)).status_code == 200
    assert client.get(change_url(foreign)).status_code == 404
    text = client.get(list_url(InventoryTransaction)).content.decode()
    assert "ASN-DE-01" in text
    assert "ASN-GB-01" not in text


# ------------------------------------------------------------------ locations


def test_the_inventory_master_is_not_switched_here(boss):
    home = store("DE-01")
    answer = save(
        boss, change_url(home), is_inventory_master=None, name="Renamed", code="X", kind="DC"
    )
    assert answer.status_code == 302
    home.refresh_from_db()
    assert (home.name, home.code, home.kind, home.is_inventory_master) == (
        "Renamed",
        "DE-01",
        "STORE",
        True,
    )
    data = {
        "code": "DC-1",
        "kind": "DC",
        "name": "Centre",
        "country_code": "de",
        "time_zone": "Europe/Berlin",
        "is_inventory_master": "on",
    }
    assert boss.post(add_url(FulfillmentLocation), data).status_code == 302
    centre = FulfillmentLocation.objects.get(code="DC-1")
    assert (centre.is_inventory_master, centre.country_code, centre.store_id) == (False, "DE", None)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"time_zone": "Berlin"}, "No such time zone"),
        ({"store_id": ""}, "A store has a store ID"),
        ({"name": "a\u0000b"}, None),
    ],
)
def test_a_location_that_makes_no_sense_is_refused(boss, changes, told):
    answer = save(boss, change_url(store("DE-01")), **changes)
    assert answer.status_code == (200 if told else 400)
    assert (told or "cannot be stored") in answer.content.decode()


@pytest.mark.parametrize("name", ["main", "_in_transit", "_transfers", "_customer_reservations"])
def test_system_stock_locations_stay_as_they_are(boss, name):
    row = StockLocation.objects.get(name=name)
    assert boss.get(change_url(row)).status_code == 200
    assert boss.post(change_url(row), {"name": "x", "display_name": "x"}).status_code == 403
    delete = change_url(row).replace("change", "delete")
    assert boss.post(delete, {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.name == name


@pytest.mark.parametrize("name", ["_mine", "MAIN", "Damaged"])
def test_a_stock_location_cannot_take_a_name_of_the_system(boss, name):
    answer = boss.post(add_url(StockLocation), {"name": name, "display_name": "Mine"})
    assert answer.status_code == 200
    assert not StockLocation.objects.filter(name=name).exists()


def test_a_stock_location_is_deleted_only_while_nothing_is_in_it(boss):
    assert (
        boss.post(add_url(StockLocation), {"name": "attic", "display_name": "Attic"}).status_code
        == 302
    )
    attic = StockLocation.objects.get(name="attic")
    assert not attic.is_salable
    delete = change_url(attic).replace("change", "delete")
    reason = AdjustmentReason.objects.create(type="Lost", subtype="Attic", origin=attic)
    assert boss.post(delete, {"post": "yes"}).status_code == 403
    reason.delete()
    assert boss.post(delete, {"post": "yes"}).status_code == 302
    assert not StockLocation.objects.filter(name="attic").exists()


def test_view_locations_reads_and_manage_locations_writes():
    row = store("DE-01")
    reader = signed_in(person("anna", "Merchandiser", is_staff=True))
    assert reader.get(change_url(row)).status_code == 200
    assert reader.post(change_url(row), {"name": "x"}).status_code == 403
    assert reader.get(add_url(FulfillmentLocation)).status_code == 403


# ------------------------------------------------------------------ catalogue, reasons


def test_a_product_shows_prices_and_keeps_its_id(boss):
    product = Product.objects.create(product_id="85123A", name="Heart <T-light>")
    book = Pricebook.objects.create(name="<GBP>", currency="GBP")
    Price.objects.create(pricebook=book, product=product, value="2.55")
    ProductIdentifier.objects.create(product=product, type="EAN", value="4006381333931")
    text = boss.get(change_url(product)).content.decode()
    assert "2.55 GBP" in text
    assert "&lt;GBP&gt;" in text
    answer = save(boss, change_url(product), product_id="other", name="Ärmel", value="0.01")
    assert answer.status_code == 302
    product.refresh_from_db()
    assert (product.product_id, product.name) == ("85123A", "Ärmel")
    assert product.name_key.startswith("armel")
    assert str(product.prices.get().value) == "2.55"
    assert "85123A" in boss.get(list_url(Product), {"q": "4006381333931"}).content.decode()
    delete = change_url(product).replace("change", "delete")
    assert boss.post(delete, {"post": "yes"}).status_code == 403


def test_a_pricebook_with_prices_keeps_its_currency_and_stays(boss):
    product = Product.objects.create(product_id="A", name="A")
    book = Pricebook.objects.create(name="UK", currency="GBP")
    Price.objects.create(pricebook=book, product=product, value=1)
    assert save(boss, change_url(book), currency="EUR", note="n").status_code == 302
    book.refresh_from_db()
    assert (book.currency, book.note) == ("GBP", "n")
    assert boss.post(change_url(book).replace("change", "delete"), {"post": "y"}).status_code == 403


def test_a_reason_needs_a_side_and_no_system_location(boss):
    hidden = StockLocation.objects.get(name="_in_transit").pk
    main = StockLocation.objects.get(name="main").pk
    data = {"type": "Lost", "subtype": "Theft", "is_active": "on"}
    for sides in ({}, {"origin": hidden}, {"destination": hidden}):
        assert boss.post(add_url(AdjustmentReason), data | sides).status_code == 200
    assert not AdjustmentReason.objects.filter(subtype="Theft").exists()
    assert boss.post(add_url(AdjustmentReason), data | {"origin": main}).status_code == 302


def test_reasons_are_written_with_modify_reason_codes_only():
    client = signed_in(person("anna", "Store Manager", is_staff=True))
    assert client.get(list_url(AdjustmentReason)).status_code == 200
    assert client.get(add_url(AdjustmentReason)).status_code == 403


# ------------------------------------------------------------------ users and roles


def test_a_superuser_makes_a_user_and_gives_roles_and_stores(boss):
    homes = [store("DE-01"), store("DE-02")]
    data = {
        "username": "anna",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert boss.post(add_url(User), data).status_code == 302
    anna = User.objects.get(username="anna")
    assert anna.check_password(PASSWORD)
    role = Group.objects.create(name="Night shift")
    answer = save(
        boss,
        change_url(anna),
        **{
            "groups": [role.pk],
            "kind": "INTEGRATION",
            "associate_id": "A-7",
            "document_scope": "OWN_STORES",
            "location_access-TOTAL_FORMS": 2,
            "location_access-0-location": homes[0].pk,
            "location_access-0-user": anna.pk,
            "location_access-1-location": homes[1].pk,
            "location_access-1-user": anna.pk,
        },
    )
    assert answer.status_code == 302, answer.context["errors"]
    anna.refresh_from_db()
    assert (anna.kind, anna.associate, list(anna.groups.all())) == ("INTEGRATION", "A-7", [role])
    assert LocationAccess.objects.filter(user=anna).count() == 2


def test_a_name_that_differs_in_case_only_is_taken(boss):
    data = {
        "username": "BOSS",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert boss.post(add_url(User), data).status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"is_superuser": "on"},
        {"user_permissions": "every"},
        {"stock_scope": "ALL_STORES"},
        {"document_scope": "ALL_STORES"},
        {"groups": "strong"},
        {"username": "root"},
        {"password": "argon2$forged"},
    ],
)
@pytest.mark.parametrize("target", ["himself", "other"])
def test_a_clerk_gives_nobody_what_he_does_not_hold(clerk, clerk_user, forged, target):
    strong = Group.objects.create(name="Strong")
    strong.permissions.add(Permission.objects.get(codename="adjust_inventory"))
    every = list(Permission.objects.values_list("pk", flat=True))
    user = (
        clerk_user if target == "himself" else person("other", stock_scope=OWN, document_scope=OWN)
    )
    before = user.get_all_permissions()
    values = {"every": every, "strong": [strong.pk]}
    changes = {k: values.get(v, v) for k, v in forged.items()}
    answer = save(clerk, change_url(user), first_name="Saved", **changes)
    # What is no field of the form is passed over; a choice that is not offered is refused.
    refused = bool(forged.keys() & {"stock_scope", "document_scope", "groups"})
    user = User.objects.get(pk=user.pk)
    assert (answer.status_code, user.first_name) == ((200, "") if refused else (302, "Saved"))
    assert not user.is_superuser
    assert user.get_all_permissions() <= before
    assert (user.stock_scope, user.document_scope) == (OWN, OWN)
    assert user.username in {"clerk", "other"}
    assert user.check_password(PASSWORD)


def test_a_clerk_cannot_touch_who_holds_more(clerk):
    group = Group.objects.create(name="Strong")
    group.permissions.add(Permission.objects.get(codename="adjust_inventory"))
    own = {"stock_scope": OWN, "document_scope": OWN}
    stronger = person("stronger", **own)
    stronger.groups.add(group)
    asleep = person("asleep", is_active=False, **own)
    asleep.groups.add(group)
    direct = person("direct", **own)
    direct.user_permissions.add(Permission.objects.get(codename="view_dashboards"))
    targets = [
        person("root", is_superuser=True, **own),
        person("wide", stock_scope=ALL, document_scope=OWN),
        person("far", stores=(store("GB-01", "GB"),), **own),
        stronger,
        asleep,
        direct,
    ]
    for user in targets:
        page = clerk.get(change_url(user))
        assert page.status_code == 200
        assert not page.context["has_change_permission"], user
        assert clerk.post(change_url(user), {"is_active": "on"}).status_code == 403
        password = reverse("admin:auth_user_password_change", args=[user.pk])
        assert clerk.get(password).status_code == 403
        data = {
            "usable_password": "true",
            "password1": "taken over 123",
            "password2": "taken over 123",
        }
        assert clerk.post(password, data).status_code == 403
        user.refresh_from_db()
        assert user.check_password(PASSWORD)


def test_a_clerk_hands_out_his_own_store_only(clerk, clerk_user):
    foreign = store("GB-01", "GB")
    home = FulfillmentLocation.objects.get(code="DE-01")
    other = person("other", stock_scope=OWN, document_scope=OWN)
    for location, allowed in ((foreign, False), (home, True)):
        save(
            clerk,
            change_url(other),
            **{
                "location_access-TOTAL_FORMS": 1,
                "location_access-0-location": location.pk,
                "location_access-0-user": other.pk,
            },
        )
        assert LocationAccess.objects.filter(user=other, location=location).exists() is allowed


def test_whom_a_clerk_makes_sees_no_more_than_he(clerk):
    data = {
        "username": "new",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "is_superuser": "on",
        "is_staff": "on",
        "stock_scope": "ALL_STORES",
    }
    assert clerk.post(add_url(User), data).status_code == 302
    new = User.objects.get(username="new")
    assert (new.is_superuser, new.is_staff, new.stock_scope, new.document_scope) == (
        False,
        False,
        OWN,
        OWN,
    )


def test_a_clerk_s_roles_hold_only_what_he_holds(clerk):
    tools = Permission.objects.get(codename="view_tools")
    adjust = Permission.objects.get(codename="adjust_inventory")
    assert clerk.post(add_url(Role), {"name": "Big", "permissions": [adjust.pk]}).status_code == 200
    assert (
        clerk.post(add_url(Role), {"name": "Small", "permissions": [tools.pk]}).status_code == 302
    )
    big = Role.objects.create(name="Big")
    big.permissions.add(adjust)
    assert clerk.post(change_url(big), {"name": "Big"}).status_code == 403
    assert (
        clerk.post(change_url(big).replace("change", "delete"), {"post": "yes"}).status_code == 403
    )
    assert big.permissions.get() == adjust


def test_the_admin_role_is_edited_by_nobody(boss):
    person("anna", "Admin")
    role = Role.objects.get(name="Admin")
    assert boss.get(change_url(role)).status_code == 200
    assert boss.post(change_url(role), {"name": "Admin"}).status_code == 403
    assert boss.post(change_url(role).replace("change", "delete"), {"post": "y"}).status_code == 403
    assert role.permissions.count() > 20


def test_saving_a_role_keeps_what_the_form_has_no_box_for(boss):
    role = Role.objects.create(name="Odd")
    odd = Permission.objects.get(content_type__app_label="admin", codename="add_logentry")
    role.permissions.add(odd)
    page = boss.get(change_url(role)).content.decode()
    assert "Force Close ASNs" in page
    assert "Can add permission" not in page
    assert save(boss, change_url(role), name="Odder").status_code == 302
    assert list(role.permissions.all()) == [odd]


def test_without_the_permission_users_are_closed_to_staff():
    client = signed_in(person("anna", "Corporate Operations", is_staff=True))
    other = person("other")
    for url in (list_url(User), change_url(other), add_url(User), list_url(Role), add_url(Role)):
        assert client.get(url).status_code == 403


def test_users_are_never_deleted(boss):
    other = person("other")
    delete = change_url(other).replace("change", "delete")
    assert boss.post(delete, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=other.pk).exists()


def test_managing_users_asks_again_after_half_an_hour():
    root = person("root", is_staff=True, is_superuser=True)
    other = person("other")
    stale = signed_in(root, seconds_ago=31 * 60)
    urls = [change_url(other), add_url(User), add_url(Role)]
    urls.append(reverse("admin:auth_user_password_change", args=[other.pk]))
    for url in urls:
        for answer in (stale.get(url), stale.post(url, {})):
            assert answer.headers["Location"].startswith("/account/reauthenticate/?next=%2Fadmin")
    action = {"action": "remove_second_factor", "_selected_action": other.pk}
    assert stale.post(list_url(User), action).status_code == 302
    asked = stale.get(change_url(other)).headers["Location"]
    back = stale.post(asked, {"password": PASSWORD})
    assert back.headers["Location"] == change_url(other)
    assert stale.get(change_url(other)).status_code == 200
    assert stale.get(list_url(Product)).status_code == 200


def test_unlocking_and_removing_a_second_factor(boss, clerk):
    own = {"stock_scope": OWN, "document_scope": OWN}
    anna, root = person("Anna", **own), person("root", is_superuser=True, **own)
    for _attempt in range(8):
        Client().post("/account/login/", {"login": "anna", "password": "wrong"})
    for user in (anna, root):
        Authenticator.objects.create(user=user, type="totp", data={})
    chosen = {"_selected_action": [anna.pk, root.pk]}
    assert AccessAttempt.objects.exists()
    clerk.post(list_url(User), {"action": "unlock_sign_in", **chosen})
    assert not AccessAttempt.objects.exists()
    clerk.post(list_url(User), {"action": "remove_second_factor", **chosen})
    assert [a.user for a in Authenticator.objects.all()] == [root]
    boss.post(list_url(User), {"action": "remove_second_factor", **chosen})
    assert not Authenticator.objects.exists()


# ------------------------------------------------------------------ queries, policy


def rows_of(model, start: int, end: int) -> None:
    """Rows that point at others, so that a list that looks each up is found out."""
    home, main = FulfillmentLocation.objects.first(), StockLocation.objects.get(name="main")
    now = timezone.now()
    for n in range(start, end):
        if model is User:
            user = person(f"user {n}", stores=(home,))
            user.groups.add(Group.objects.create(name=f"group {n}"))
        elif model is Role:
            Role.objects.create(name=f"role {n}")
        elif model is FulfillmentLocation:
            book = Pricebook.objects.create(name=f"book {n}", currency="EUR")
            row = store(f"S-{n}")
            FulfillmentLocation.objects.filter(pk=row.pk).update(pricebook=book)
        elif model is AdjustmentReason:
            AdjustmentReason.objects.create(type=f"t{n}", subtype="s", origin=main)
        elif model is InventoryTransaction:
            transaction(home)
        elif model is Product:
            Product.objects.create(product_id=f"P{n}", name="n")
        elif model is Pricebook:
            Pricebook.objects.create(name=f"P{n}", currency="EUR")
        elif model is StockLocation:
            StockLocation.objects.create(name=f"s{n}", display_name="s")
        elif model is LedgerVerification:
            LedgerVerification.objects.create(
                started_at=now - timedelta(n),
                finished_at=now,
                movements=1,
                stock_rows=1,
                differences=0,
            )


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda m: m.__name__)
def test_lists_ask_as_much_for_21_rows_as_for_1(boss, model):
    store("HOME")
    counts = []
    for start, end in ((0, 1), (1, 21)):
        rows_of(model, start, end)
        boss.get(list_url(model))
        with CaptureQueriesContext(connection) as queries:
            assert boss.get(list_url(model)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_a_user_with_many_stores_opens_as_fast_as_with_one(boss):
    anna = person("anna")
    counts = []
    for start, end in ((0, 1), (1, 21)):
        for n in range(start, end):
            LocationAccess.objects.create(user=anna, location=store(f"S-{n}"))
        with CaptureQueriesContext(connection) as queries:
            assert boss.get(change_url(anna)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_pages_of_the_admin_keep_the_content_policy(boss):
    home = store("DE-01")
    rows = [
        home,
        transaction(home),
        StockLocation.objects.get(name="main"),
        person("anna", "Viewer"),
    ]
    urls = ["/admin/", *(list_url(m) for m in admin.site._registry), *map(change_url, rows)]
    urls += [add_url(User), add_url(Role), add_url(Product)]
    for url in urls:
        text = boss.get(url).content.decode()
        assert not re.search(r"\sstyle=", text), url
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text), url
        assert not re.search(r"\son[a-z]+=\"", text), url
