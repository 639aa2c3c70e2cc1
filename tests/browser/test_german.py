"""German words are longer than English ones; no page may grow wider than its window for them."""

import pytest
from playwright.sync_api import expect

from omnichannel.accounts.models import User
from tests.browser.test_pages import PATHS

pytestmark = pytest.mark.browser
MORE = [
    "/settings/barcodes/",
    "/catalog/labels/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/logout/",
]
WIDER = "[document.documentElement.scrollWidth, innerWidth]"
# Whatever hides what it does not fit: a button with half a word on it.
CLIPPED = """
() => [...document.querySelectorAll("main :is(button, .btn, h1, h2, label, dt, .badge, legend, .seg)")]
  .filter((box) => box.offsetParent && !box.closest(".vh, .panel, .table"))
  .filter((box) => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible")
  .map((box) => box.textContent.trim())
"""
# One that leaves the window by itself, without making the page scroll.
OUTSIDE = """
() => [...document.querySelectorAll("main :is(button, .btn, h1, h2, .badge), .top :is(button, summary)")]
  .filter((box) => box.offsetParent && !box.closest(".vh, .panel, .tscroll, .fset, .toasts, .labels-preview"))
  .filter((box) => box.getBoundingClientRect().right > innerWidth + 1)
  .map((box) => box.textContent.trim() || box.ariaLabel)
"""


@pytest.fixture
def german(visit):
    """visit(…) as an administrator who reads German."""

    def go(path: str, width: int, **options):
        User.objects.filter(username="admin").update(language="de")
        page, watch = visit("admin", path, **options)
        page.set_viewport_size({"width": width, "height": 844})
        return page, watch

    return go


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_its_window(german, width):
    page, watch = german("/", width)
    wide, clipped, faults = [], [], []
    for path in [*PATHS, *MORE]:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        needs, has = page.evaluate(WIDER)
        if needs > has:
            wide.append((path, needs))
        clipped += [(path, text) for text in page.evaluate(CLIPPED) + page.evaluate(OUTSIDE)]
        # The browser itself reports the answer 404 to a page that is not there.
        if path != "/no-such-page/":
            faults += watch.faults
        watch.faults.clear()
    assert (wide, clipped, faults) == ([], [], [])


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
    assert page.evaluate(WIDER)[0] > 390 or page.evaluate(CLIPPED) + page.evaluate(OUTSIDE)


def test_the_login_page_speaks_what_the_browser_asks_for(visit):
    page, watch = visit(None, "/account/login/", locale="de-DE")
    expect(page.locator("h1")).to_have_text("Anmelden")
    page.set_viewport_size({"width": 390, "height": 844})
    needs, has = page.evaluate(WIDER)
    assert needs <= has
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
