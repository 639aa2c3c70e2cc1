"""How a page can look: the theme and the width of its window."""

from urllib.parse import urljoin

from playwright.sync_api import Page

# Each theme and each width once: a colour belongs to the theme, an order to the width.
LOOKS = [("light", 1440), ("dark", 390)]


def wear(page: Page, theme: str) -> None:
    """Every page of the site from now on, not only those below the address that is open."""
    page.context.add_cookies([{"name": "theme", "value": theme, "url": urljoin(page.url, "/")}])
