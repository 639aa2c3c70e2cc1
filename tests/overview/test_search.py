"""Quick search: the exact code first, nobody's foreign documents, and never slower with more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from omnichannel.catalog.models import Product, ProductIdentifier, ScanIdentifier
from tests.people import person, signed_in

SWAP = {"HX-Request": "true"}


def ask(client, text, *, is_swap=True):
    return client.get("/search/", {"q": text}, headers=SWAP if is_swap else {})


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def hits(answer):
    """The labels of the groups, each with the codes of its hits in order."""
    return {g.label: [hit.code for hit in g.hits] for g in answer.context["groups"]}


def test_the_exact_code_stands_first_then_active_ones_by_name(client, world):
    world.product("A-10", "Aaa A-1 tray", is_active=False)
    world.product("A-11", "Bbb tray")
    world.product("A-1", "Zzz tray")
    assert hits(ask(client, "A-1"))["Products"] == ["A-1", "A-11", "A-10"]


@pytest.mark.parametrize("code", ["P-1", "S-1", "4006381333931"])
def test_enter_after_a_scan_opens_the_product(client, world, code):
    product = world.product("P-1", "Pen", sku="S-1")
    ProductIdentifier.objects.create(product=product, type="EAN", value="4006381333931")
    answer = ask(client, code, is_swap=False)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("inventory:product-detail", args=["P-1"])
    assert ask(client, code).status_code == 200


def test_a_kind_that_is_switched_off_is_no_exact_code(client, world):
    product = world.product("P-1", "Pen")
    ProductIdentifier.objects.create(product=product, type="ean", value="4006381333931")
    ScanIdentifier.objects.filter(kind="ean").update(is_active=False)
    assert ask(client, "4006381333931", is_swap=False).status_code == 200


def test_a_code_of_two_products_redirects_to_neither(client, world):
    for product_id in ("P-1", "P-2"):
        world.product(product_id, product_id, sku="SAME")
    answer = ask(client, "SAME", is_swap=False)
    assert hits(answer)["Products"] == ["P-1", "P-2"]


def test_foreign_documents_and_hidden_stores_never_appear(client, world):
    product = world.product("P-1", "Pen")
    world.post((product, 1), reference="REF-berlin")
    world.post((product, 1), where=world.tokyo, reference="REF-tokyo")
    seen = text_of(ask(client, "REF-"))
    assert "REF-berlin" in seen
    assert "REF-tokyo" in seen
    own = text_of(ask(world.person_of(world.berlin), "REF-"))
    assert "REF-berlin" in own
    assert "REF-tokyo" not in own
    assert "JP-01" not in own
    kept = person(
        "kept", "Corporate Operations", stores=(world.berlin,), stock_scope="OWN_STORES",
        document_scope="OWN_STORES",
    )  # fmt: skip
    assert hits(ask(signed_in(kept), "Store"))["Locations"] == ["DE-01"]
    assert hits(ask(client, "Store"))["Locations"] == ["DE-01", "JP-01"]


def test_reservations_are_in_no_list_and_not_here(client, world):
    product = world.product("P-1", "Pen")
    world.post((product, 5), type="RESERVE", reference="REF-hidden")
    assert "REF-hidden" not in text_of(ask(client, "REF-"))


def test_the_exact_reference_comes_before_its_extensions(client, world):
    product = world.product("P-1", "Pen")
    for reference in ("R-70", "R-7", "R-71"):
        world.post((product, 1), reference=reference)
    groups = ask(client, "R-7").context["groups"]
    shown = next(g for g in groups if g.label == "Transactions").hits
    assert [hit.title for hit in shown] == ["R-7", "R-70", "R-71"]


def test_who_may_only_see_stock_is_shown_no_locations(world):
    world.product("P-1", "Store pen")
    viewer = signed_in(person("v", "Viewer", stores=(world.berlin,)))
    assert set(hits(ask(viewer, "Store"))) == {"Products"}


@pytest.mark.parametrize("text", ["", " ", "P", " P ", "P" * 201])
def test_too_short_or_too_long_answers_nothing(client, world, text):
    world.product("P", "P" * 300)
    assert ask(client, text).context["groups"] == []


@pytest.mark.parametrize("code", ["a/b", "100%", "a_b", "Ünï-☃", "x" * 200, "a\\b", "'--", "<b>x"])
def test_odd_codes_are_found_and_nothing_else(client, world, code):
    world.product(code, "The odd one")
    world.product("aXb 100X", "The other")
    answer = ask(client, code)
    assert hits(answer)["Products"] == [code]
    assert "<b>x" not in text_of(answer)
    assert ask(client, code, is_swap=False).status_code == 302


def test_nul_is_refused(client):
    assert client.get("/search/?q=a%00b").status_code == 400


def test_eight_of_each_and_as_many_queries_for_many_as_for_one(client, world):
    product = world.product("P-0", "Pen 0")
    world.post((product, 1), reference="Pen 0")
    ask(client, "Pen")
    with CaptureQueriesContext(connection) as few:
        ask(client, "Pen")
    for n in range(1, 30):
        made = world.product(f"P-{n}", f"Pen {n}")
        world.post((made, 1), reference=f"Pen {n}")
    with CaptureQueriesContext(connection) as many:
        found = hits(ask(client, "Pen"))
    assert [len(codes) for codes in found.values()] == [8, 8]
    assert len(many) == len(few)


def test_the_page_has_the_box_and_works_without_scripts(client, world):
    world.product("P-1", "Pen")
    page = text_of(ask(client, "pen", is_swap=False))
    assert 'id="quick-search"' in page
    assert reverse("inventory:product-detail", args=["P-1"]) in page
    assert "/catalog/products/?q=pen&amp;match=any" in page


def test_an_inactive_exact_code_is_still_found(client, world):
    world.product("OLD-1", "Old", is_active=False)
    assert Product.objects.get().is_active is False
    assert ask(client, "OLD-1", is_swap=False).status_code == 302
