"""How a page can look: the theme and the width of its window; and what may be wrong with what is seen."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from omnichannel.accounts.models import User

# Each theme and each width once: a colour belongs to the theme, an order to the width.
LOOKS = [("light", 1440), ("dark", 390)]
# Nobody reads what was right, and telling it takes a fifth of the time.
TOLD = {"resultTypes": ["violations"]}
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


def wear(page: Page, theme: str) -> None:
    """Every page of the site from now on, not only those below the address that is open."""
    page.context.add_cookies([{"name": "theme", "value": theme, "url": urljoin(page.url, "/")}])


def dressed(
    visit: Any, theme: str, width: int, *, user: str = "admin", language: str = "de"
) -> Any:
    """(page, watch) in German, whose words are longer; axe may run there."""
    User.objects.filter(username=user).update(language=language)
    page, watch = visit(user, bypass_csp=True)
    wear(page, theme)
    page.set_viewport_size({"width": width, "height": 900})
    return page, watch


def spilled(page: Page) -> list[str]:
    """What does not fit into the window."""
    needs, has = page.evaluate(WIDER)
    wide = [f"{needs} wide in a window of {has}"] if needs > has else []
    return wide + [f"cut off: {text}" for text in page.evaluate(CLIPPED) + page.evaluate(OUTSIDE)]


def amiss(page: Page) -> list[str]:
    """What axe finds, and what does not fit."""
    report = Axe().run(page, options=TOLD)
    return spilled(page) + ([report.generate_report()] if report.violations_count else [])


def amiss_on(page: Page, paths: Iterable[str]) -> dict[str, list[str]]:
    """The same of each address, where there is something."""
    found = {}
    for path in paths:
        page.goto(path)
        if wrong := amiss(page):
            found[path] = wrong
    return found
