"""The frame around every page: who is shown what, how it looks, and what it says when all fails."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from omnichannel.navigation import NAVIGATION
from omnichannel.web import shell
from tests.people import ALL, OWN, person, signed_in, store

STOCK = "/store-operations/inventory/stock-on-hand/"
INVENTORY = {STOCK, "/store-operations/inventory/transactions/"}
INVENTORY |= {"/store-operations/inventory/movements/", "/catalog/products/"}
LOCATIONS = {"/settings/locations/"}
ITEMS = [item for group in NAVIGATION for item in group.items]
GUIDE = "/styleguide/"


def offered(page: str) -> set[str]:
    """The addresses that the navigation of a page offers."""
    side = page.partition("<nav>")[2].partition("</nav>")[0]
    return set(re.findall(r'href="([^"]+)"', side))


def text_of(client, path: str = GUIDE, **options: object) -> str:
    answer = client.get(path, **options)
    assert answer.status_code == 200
    return answer.content.decode()


# ---------------------------------------------------------------- navigation
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.view_name)
def test_every_page_of_the_navigation_exists(item):
    assert reverse(item.view_name).startswith("/")


@pytest.mark.django_db
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.view_name)
def test_what_the_navigation_asks_for_is_what_the_page_asks_for(item):
    url = reverse(item.view_name)
    nobody = signed_in(person("nobody"))
    assert nobody.get(url).status_code == 403
    assert url in offered(text_of(signed_in(person("admin", is_superuser=True))))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (None, set()),
        ("Viewer", INVENTORY),
        ("Corporate Operations", INVENTORY | LOCATIONS),
        ("Store Manager", INVENTORY | LOCATIONS),
    ],
)
def test_one_is_shown_what_one_may_open(role, pages):
    client = signed_in(person("somebody", *filter(None, [role])))
    shown = offered(text_of(client))
    urls = {reverse(item.view_name) for item in ITEMS}
    assert shown == {url for url in urls if client.get(url).status_code == 200}
    assert shown & (INVENTORY | LOCATIONS) == pages


@pytest.mark.django_db
def test_a_page_that_is_not_installed_is_left_out():
    gone = shell.Item("Ghost", "ghosts:list", "ghost", "")
    request = RequestFactory().get("/")
    request.user = person("admin", is_superuser=True)
    assert shell.links(request, shell.Group("None", [gone])) == []


@pytest.mark.django_db
def test_only_the_current_page_is_marked():
    page = text_of(signed_in(person("admin", is_superuser=True)), STOCK)
    assert re.findall(r'href="([^"]+)" aria-current="page"', page) == [STOCK]


@pytest.mark.django_db
@pytest.mark.parametrize("is_staff", [True, False])
def test_the_administration_is_shown_to_staff(is_staff):
    page = text_of(signed_in(person("somebody", is_staff=is_staff)))
    assert (reverse("admin:index") in page) is is_staff


# ---------------------------------------------------------------- the start page
@pytest.mark.django_db
@pytest.mark.parametrize("role", ["Viewer", "Corporate Operations", "Store Manager"])
def test_the_start_page_is_the_first_that_one_may_open(role):
    answer = signed_in(person("somebody", role)).get("/")
    assert (answer.status_code, answer["Location"]) == (302, STOCK)


@pytest.mark.django_db
def test_who_may_open_nothing_is_told_so():
    page = text_of(signed_in(person("nobody")), "/")
    assert "Ask an administrator for a role" in page
    assert offered(page) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", GUIDE, "/appearance/"])
def test_a_stranger_is_asked_to_sign_in(path):
    assert Client().get(path)["Location"].startswith("/account/login/?next=")


# ---------------------------------------------------------------- whose stores
@pytest.mark.django_db
def test_the_scope_names_own_stores_and_escapes_them():
    shop = store("GB-01")
    type(shop).objects.filter(pk=shop.pk).update(name="<b>Fleet & Co</b>")
    page = text_of(signed_in(person("somebody", stores=(shop,), stock_scope=OWN)))
    assert "&lt;b&gt;Fleet &amp; Co&lt;/b&gt;" in page
    assert "<b>Fleet" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "label"), [(0, "No store"), (2, "Store S-0, Store S-1")])
def test_few_stores_are_named(count, label):
    stores = tuple(store(f"S-{n}") for n in range(count))
    request = RequestFactory().get("/")
    request.user = person("somebody", stores=stores, stock_scope=OWN, document_scope=ALL)
    assert shell.scope(request) == (label, label, "All stores")


@pytest.mark.django_db
def test_many_stores_are_counted():
    stores = tuple(store(f"S-{n}") for n in range(shell.NAMED_STORES + 1))
    request = RequestFactory().get("/")
    request.user = person("somebody", stores=stores, stock_scope=OWN)
    assert shell.scope(request).stock == "9 stores"


# ---------------------------------------------------------------- the look
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "word"), [(name, word) for name, words in shell.LOOKS.items() for word in words]
)
def test_the_look_is_remembered_without_scripts(name, word):
    client = signed_in(person("somebody"))
    answer = client.post("/appearance/", {name: word, "next": f"{GUIDE}?a=1&b=2"})
    assert (answer.status_code, answer["Location"]) == (302, f"{GUIDE}?a=1&b=2")
    page = text_of(client)
    assert f'data-{name}="{word}"' in page
    assert re.findall(rf'name="{name}" value="(\w+)" aria-pressed="true"', page) == [word]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "\thttps://evil.example",
        "",
        "///evil.example",
    ],
)
def test_the_way_back_stays_on_this_site(back):
    client = signed_in(person("somebody"))
    answer = client.post("/appearance/", {"theme": "dark", "next": back})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert answer.cookies["theme"].value == "dark"


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["purple", "", '"><script>', "dark; path=/x", "DARK"])
def test_an_unknown_look_changes_nothing(word):
    client = signed_in(person("somebody"))
    answer = client.post("/appearance/", {"theme": word, "density": word, "sessionid": "x"})
    assert dict(answer.cookies) == {}


@pytest.mark.django_db
def test_the_look_is_not_changed_from_another_site():
    client = signed_in(person("somebody"), enforce_csrf_checks=True)
    assert client.post("/appearance/", {"theme": "dark"}).status_code == 403


@pytest.mark.django_db
def test_a_strange_cookie_is_the_first_look():
    client = signed_in(person("somebody"))
    client.cookies["theme"] = "x onload=alert(1)"
    client.cookies["density"] = "huge"
    page = text_of(client)
    assert 'data-theme="auto" data-density="cozy"' in page


# ---------------------------------------------------------------- pages that stand alone
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_an_error_page_needs_neither_request_nor_database(status):
    page = render_to_string(f"{status}.html")
    assert "<h1" in page
    assert 'href="/"' in page
    assert "{{" not in page
    assert "{%" not in page


@pytest.mark.django_db
def test_a_fault_of_ours_is_a_page_without_its_cause(monkeypatch):
    client = signed_in(person("somebody"), raise_request_exception=False)

    def fails() -> None:
        raise RuntimeError("secret cause")

    monkeypatch.setattr("omnichannel.web.views.samples", fails)
    answer = client.get(GUIDE)
    assert answer.status_code == 500
    assert b"This page could not be made" in answer.content
    assert b"secret cause" not in answer.content


@pytest.mark.django_db
def test_an_unknown_address_is_a_page():
    answer = Client().get("/no/<script>/such")
    assert answer.status_code == 404
    assert b"There is nothing at this address" in answer.content
    assert b"no/<script>" not in answer.content


# ---------------------------------------------------------------- the style guide
@pytest.mark.django_db
def test_the_style_guide_shows_every_component():
    page = text_of(signed_in(person("somebody")))
    for css in (
        "btn-primary", "btn-danger", "btn-ghost", "icon-btn", "badge-ok", "badge-warn",
        "badge-bad", "badge-info", "notice-warn", "notice-bad", "empty", "fbtn", "tscroll",
        "qty-low", "qty-neg", "qty-zero", "pager", "kv", "seg", "conseq", "tip",
    ):  # fmt: skip
        assert re.search(rf'class="[^"]*\b{css}\b', page), css
    assert "<progress" in page
    assert "<dialog" in page
    assert 'aria-invalid="true"' in page


@pytest.mark.django_db
def test_messages_are_toasts():
    page = text_of(signed_in(person("somebody")), f"{GUIDE}?toasts")
    assert re.findall(r'class="toast toast-(\w+)" data-toast', page) == [
        "success", "warning", "error",
    ]  # fmt: skip


# ---------------------------------------------------------------- static files
def css_files() -> list[Path]:
    return sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))


def test_every_style_sheet_is_named_by_a_template_and_exists():
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    named = re.findall(r"static 'css/([\w-]+)\.css'", "".join(t.read_text() for t in templates))
    assert set(named) == {path.stem for path in css_files()}


def test_style_sheets_load_nothing_from_elsewhere():
    loads = re.compile(r"url\(|@import|data:|https?:", re.IGNORECASE)
    assert [path.name for path in css_files() if loads.search(path.read_text())] == []


def test_the_manifest_names_icons_that_exist():
    manifest = json.loads(Path(finders.find("manifest.webmanifest")).read_text())
    assert manifest["icons"]
    assert all(finders.find(icon["src"]) for icon in manifest["icons"])
