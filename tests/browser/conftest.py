"""A real browser against the running product; without a browser these tests are left out."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.kit.conftest import World
from tests.people import person, signed_in

User = get_user_model()
# When to give up, not how long it takes: a machine may have much else to do. Milliseconds.
expect.set_options(timeout=60_000)
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
KNOWN = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str | None:
    return os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, KNOWN)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="no browser found; set BROWSER_PATH to a Chromium or Chrome")
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if browser_path() is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    return {"executable_path": browser_path(), "args": FLAGS, "headless": True}


@pytest.fixture
def world(transactional_db: None) -> World:
    """A small shop: enough rows for two pages, one negative, one without a price."""
    made = World()
    products = [
        made.product(
            f"P-{n:03}", f"Product {n:03}", sku=f"S-{n}", size=["S", "M", "XL"][n % 3],
            color=["Red", "Blue"][n % 2],
        )
        for n in range(60)
    ]  # fmt: skip
    made.post(*((p, n - 1) for n, p in enumerate(products)), type="STOCK_IMPORT")
    made.post((products[0], 3), where=made.tokyo, reference="R-7")
    made.post((products[5], -2), type="ADJUSTMENT", reason_id=made.reason.pk, note="wet pallet")
    person("operations", "Corporate Operations", document_scope="ALL_STORES")
    person("admin", is_superuser=True, is_staff=True)
    return made


class Watch:
    """Collects what a page must never say: console errors, refused styles, failed requests."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        page.on("console", self.said)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))

    def said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.type}: {message.text}")


def session(user: str) -> dict[str, str]:
    """The cookie that signing in by the form would give."""
    client = signed_in(User.objects.get_by_natural_key(user))
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


@pytest.fixture
def visit(browser: Browser, live_server, world: World) -> Iterator:
    """visit(user, path, **context options) → (page, watch), with the user's session."""
    opened: list[BrowserContext] = []

    def go(user: str | None, path: str = "/", **options: object) -> tuple[Page, Watch]:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": 1440, "height": 900}, **options
        )
        opened.append(context)
        if user:
            context.add_cookies([{**session(user), "url": live_server.url}])
        page = context.new_page()
        watch = Watch(page)
        page.goto(path)
        return page, watch

    yield go
    for context in opened:
        context.close()
