"""The product in German: its words, and whether they fit."""

import pytest
from playwright.sync_api import expect

from omnichannel.accounts.models import User
from tests.browser.looks import spilled

pytestmark = pytest.mark.browser


@pytest.fixture
def german(visit):
    """visit(…) as an administrator who reads German."""

    def go(path: str, width: int, **options):
        User.objects.filter(username="admin").update(language="de")
        page, watch = visit("admin", path, **options)
        page.set_viewport_size({"width": width, "height": 844})
        return page, watch

    return go


def test_control_a_word_too_wide_is_noticed(german):
    page, _watch = german("/", 390)
    page.evaluate(
        """() => {
          const button = document.createElement("button");
          button.textContent = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz".repeat(2);
          button.className = "btn";
          document.querySelector("main .page").append(button);
        }"""
    )
    assert spilled(page)


def test_the_login_page_speaks_what_the_browser_asks_for(visit):
    page, watch = visit(None, "/account/login/", locale="de-DE")
    expect(page.locator("h1")).to_have_text("Anmelden")
    page.set_viewport_size({"width": 390, "height": 844})
    assert spilled(page) == []
    page.get_by_role("button", name="English", exact=True).click()
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.get_by_role("button", name="English", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert watch.faults == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_menu_changes_the_language_and_comes_back(visit, scripts):
    address = "/store-operations/inventory/stock-on-hand/?level=low"
    page, watch = visit("admin", address, java_script_enabled=scripts)
    page.locator(".user summary").click()
    page.get_by_role("button", name="Deutsch", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("h1")).to_have_text("Bestand")
    assert "level=low" in page.url
    page.locator(".user summary").click()
    page.get_by_role("button", name="Automatisch", exact=True).last.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert watch.faults == []


def test_a_swap_is_german_like_its_page(german):
    page, watch = german("/store-operations/inventory/stock-on-hand/", 1440)
    page.locator("summary", has_text="Bestandslage").click()
    page.get_by_role("checkbox", name="Negativ").check()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page.locator("#export")).to_contain_text("1 Zeile exportieren")
    assert watch.faults == []
