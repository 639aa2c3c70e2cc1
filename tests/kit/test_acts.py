"""Chosen rows and what is done with them; facts about the filtered set; the store switcher."""

import html
import re

import pytest

from inventory.models import StockOnHand
from tests.people import person, signed_in, store

STOCK = "/store-operations/inventory/stock-on-hand/"
PRODUCTS = "/catalog/products/"
LABELS = "/catalog/labels/"


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def count_of(response) -> int:
    return response.content.decode().count('<tr role="row"><td')


@pytest.fixture
def stocked(world):
    for n in range(12):
        product = world.product(f"P-{n:02}", size=["S", "M"][n % 2])
        world.post((product, n - 3))
    world.post((world.product("T-1"), 5), where=world.tokyo)
    return world


@pytest.fixture
def client(stocked):
    return signed_in(person("operations", "Corporate Operations", document_scope="ALL_STORES"))


def labels(client, url: str, **fields):
    """The product ids that the labels page was asked for, or the refusal."""
    answer = client.post(url, {"act": "labels", **fields})
    if answer.status_code != 302:
        return answer
    assert answer["Location"].startswith(LABELS)
    return re.findall(r"product=([^&]+)", answer["Location"])


# ------------------------------------------------------------------ chosen rows
def test_the_ticked_rows_are_meant_in_their_order(client):
    assert labels(client, PRODUCTS, row=["P-03", "P-01", "P-03"]) == ["P-03", "P-01"]


def test_all_that_match_are_meant_and_not_only_those_of_the_page(client):
    assert labels(client, f"{PRODUCTS}?size=S&rows=25", every="1") == [
        f"P-{n:02}" for n in range(0, 12, 2)
    ]
    # Ticked ones beside it say nothing more.
    assert len(labels(client, f"{STOCK}?level=negative", every="1", row=["P-09"])) == 3


def test_a_row_that_no_filter_shows_any_more_stays_chosen(client):
    assert labels(client, f"{PRODUCTS}?q=P-01", row=["P-09"]) == ["P-09"]


def test_a_row_outside_the_scope_is_never_chosen(client, stocked):
    berlin = stocked.person_of(stocked.berlin)
    refused = labels(berlin, STOCK, row=["T-1"])
    assert refused.status_code == 409
    assert labels(berlin, STOCK, row=["T-1", "P-05"]) == ["P-05"]
    assert "T-1" not in labels(berlin, f"{STOCK}?size=S", every="1")


def test_none_and_too_many_are_refused_in_words(client, monkeypatch):
    none = labels(client, PRODUCTS)
    assert none.status_code == 409
    assert "Choose at least one row first." in text_of(none)
    assert "Nothing was done." in text_of(none)
    many = tuple(act._replace(limit=3) for act in acts_of_products())
    monkeypatch.setattr("inventory.views.lists.ProductList.acts", many)
    refused = labels(client, PRODUCTS, every="1")
    assert refused.status_code == 409
    assert "At most 3 rows at once" in text_of(refused)
    assert len(labels(client, f"{PRODUCTS}?q=P-0&match=any&size=S&product=x", row=["P-00"])) == 1


def acts_of_products():
    from inventory.views.lists import ProductList  # noqa: PLC0415 — only here, after setup

    return ProductList.acts


@pytest.mark.parametrize("act", ["", "explode", "labels "])
def test_an_unknown_act_does_nothing(client, act):
    assert client.post(PRODUCTS, {"act": act, "row": "P-01"}).status_code == 400


def test_a_selection_without_a_token_is_refused(stocked):
    user = person("operations", "Corporate Operations")
    strict = signed_in(user)
    strict.handler.enforce_csrf_checks = True
    assert strict.post(PRODUCTS, {"act": "labels", "row": "P-01"}).status_code == 403


def test_rows_can_be_chosen_only_where_something_can_be_done(client):
    assert 'class="pick"' in text_of(client.get(PRODUCTS))
    assert 'class="pick"' not in text_of(client.get("/store-operations/inventory/transactions/"))
    assert client.post("/store-operations/inventory/transactions/").status_code == 405


def test_a_hostile_name_stays_inside_its_box(client, stocked):
    stocked.product('"><script>x</script>', '"><script>alert(1)</script>')
    body = client.get(f"{PRODUCTS}?q=script").content.decode()
    assert "<script>alert" not in body
    assert "<script>x" not in body


# ------------------------------------------------------------------ facts
def facts(response) -> dict[str, str]:
    sums = re.search(r'<dl id="sums".*?</dl>', response.content.decode(), re.S)[0]
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", sums, re.S)
    return {label: re.sub(r"<[^>]+>", "", value) for label, value in pairs}


def test_facts_are_of_the_filtered_rows(client):
    assert facts(client.get(STOCK)) == {"Units": "35", "Negative": "3", "Out of stock": "1"}
    assert facts(client.get(f"{STOCK}?store=JP-01"))["Units"] == "5"
    assert facts(client.get(f"{STOCK}?level=negative"))["Units"] == "\u22126"


def test_facts_keep_to_the_scope(client, stocked):
    assert facts(stocked.person_of(stocked.berlin).get(STOCK))["Units"] == "30"


def test_a_fact_leads_to_its_rows(client):
    page = text_of(client.get(f"{STOCK}?store=DE-01&sort=-name"))
    link = re.search(r'<dt>Negative</dt><dd><a href="([^"]+)"', page)[1]
    rows = client.get(STOCK + link)
    assert count_of(rows) == 3
    assert "sort=-name" in link


def test_facts_come_with_the_late_total(client, stocked):
    for n in range(60):
        stocked.post((stocked.product(f"X-{n:02}"), 1))
    swap = client.get(f"{STOCK}?store=DE-01", headers={"HX-Request": "true"})
    assert facts(swap) == {}
    total = client.get(f"{STOCK}?store=DE-01&count=only", headers={"HX-Request": "true"})
    assert facts(total)["Units"] == "90"


def test_above_the_cap_nothing_is_added_up(client, monkeypatch):
    monkeypatch.setattr("omnichannel.web.lists.CAP", 3)
    page = client.get(f"{STOCK}?rows=25")
    assert facts(page) == {"Totals": "Filter to see totals"}


def test_sums_of_huge_numbers_are_exact(client, stocked):
    StockOnHand.objects.filter(location=stocked.tokyo).update(quantity=10**9)
    for n in range(3):
        stocked.post((stocked.product(f"H-{n}"), 1), where=stocked.tokyo)
    StockOnHand.objects.filter(location=stocked.tokyo).update(quantity=10**9)
    assert facts(client.get(f"{STOCK}?store=JP-01"))["Units"] == "4,000,000,000"


# ------------------------------------------------------------------ what a file is called
def name_of(response) -> str:
    return re.search(r'filename="([^"]+)"', response["Content-Disposition"])[1]


def test_a_file_names_its_currencies(client, stocked):
    one = name_of(client.get(f"{STOCK}?store=DE-01&export=csv"))
    assert re.fullmatch(r"stock-on-hand_store-de-01_eur_\d{4}-\d\d-\d\d\.csv", one)
    pounds = store("GB-01", "GB").pricebook
    pounds.pk, pounds.name, pounds.currency = None, "Pounds", "GBP"
    pounds.save()
    type(stocked.tokyo).objects.filter(code="GB-01").update(pricebook=pounds)
    assert "_eur-gbp_" in name_of(client.get(f"{STOCK}?level=low&export=csv"))
    berlin = stocked.person_of(stocked.berlin)
    assert "_eur_" in name_of(berlin.get(f"{STOCK}?level=low&export=csv"))


# ------------------------------------------------------------------ the store switcher
def switch(client, code: str, back: str = STOCK):
    return client.post("/store/", {"store": code, "next": back})


def test_a_chosen_store_is_the_filter_with_which_lists_open(client):
    assert switch(client, "JP-01")["Location"] == f"{STOCK}?store=JP-01"
    page = client.get(STOCK)
    assert count_of(page) == 1
    assert ">Store JP-01</span>" in text_of(page)
    assert "of=all" in text_of(page)
    assert count_of(client.get(f"{STOCK}?of=all")) == 13
    assert count_of(client.get(f"{STOCK}?store=DE-01")) == 12
    clear = re.search(r'id="clear-all" href="([^"]+)"', text_of(client.get(f"{STOCK}?store=JP-01")))
    assert count_of(client.get(STOCK + clear[1])) == 13
    assert count_of(client.get(PRODUCTS)) == 13
    assert switch(client, "")["Location"] == STOCK
    assert count_of(client.get(STOCK)) == 13


def test_the_other_words_of_the_address_stay_and_the_position_goes(client):
    back = f"{STOCK}?level=low&store=DE-01&sort=-name&after=abc&from=51"
    assert switch(client, "JP-01", back)["Location"] == f"{STOCK}?level=low&sort=-name&store=JP-01"
    assert switch(client, "JP-01", "/catalog/products/T-1/")["Location"] == "/catalog/products/T-1/"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_an_address_elsewhere_is_not_followed(client, back):
    assert switch(client, "JP-01", back)["Location"] == "/"


def test_a_store_that_one_does_not_see_cannot_be_chosen(stocked):
    berlin = stocked.person_of(stocked.berlin)
    answer = switch(berlin, "JP-01")
    assert answer.status_code == 404
    assert "“JP-01” is no store that you see." in text_of(answer)
    assert "Store JP-01" not in text_of(answer)
    assert "Store DE-01" in text_of(berlin.get("/store/"))


def test_a_store_that_was_taken_away_is_said_and_shows_nothing_of_it(stocked):
    user = person("m", "Store Manager", stores=(stocked.tokyo,), stock_scope="OWN_STORES")
    manager = signed_in(user)
    switch(manager, "JP-01")
    user.location_access.all().delete()
    page = manager.get(STOCK)
    assert count_of(page) == 0
    assert "is not among the choices" in text_of(page)


def test_look_up_stands_in_the_chosen_store(client):
    switch(client, "JP-01")
    page = text_of(client.get("/lookup/?code=T-1"))
    assert re.search(r'<option value="JP-01"[^>]* selected', page)


def test_the_options_of_the_switcher_come_as_a_part(client):
    part = text_of(client.get("/store/", headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert part.count('name="store" value="') == 3
    assert "Germany" in part
    assert "Japan" in part
