"""The tree keeps its promises: who writes stock, which files a room may have, no hidden wiring."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
]
PRODUCT = [path for path in TRACKED if path.parts[len(ROOT.parts)] not in {"tests", "benchmarks"}]
LEDGER = ROOT / "inventory" / "ledger"

WRITES_STOCK = re.compile(
    r"(insert\s+into|update|delete\s+from|truncate(\s+table)?|copy)\s+\"?inventory_(stockonhand|stockmovement)"
    r"|(StockOnHand|StockMovement)\.(_base_manager|objects)[^\n]*\.(create|bulk_create|update|bulk_update|delete|get_or_create|update_or_create)\("
    r"|(StockOnHand|StockMovement)\([^)]*=",
    re.IGNORECASE,
)


def writers(paths):
    return [path for path in paths if WRITES_STOCK.search(path.read_text())]


def test_the_ledger_is_the_only_writer_of_stock():
    outside = [
        path for path in PRODUCT if LEDGER not in path.parents and "migrations" not in path.parts
    ]
    assert writers(outside) == []


def test_control_the_search_finds_the_ledger_itself():
    found = {path.name for path in writers(LEDGER.glob("*.py"))}
    assert found == {"posting.py", "history.py", "opening.py"}


@pytest.mark.parametrize(
    "code",
    [
        "StockOnHand.objects.filter(pk=1).update(quantity=2)",
        "StockMovement.objects.create(quantity=1)",
        "cursor.execute('update inventory_stockonhand set quantity = 1')",
        "StockOnHand(location=1)",
    ],
)
def test_control_the_search_finds_what_must_not_be(code):
    assert WRITES_STOCK.search(code)


@pytest.mark.parametrize("name", ["utils", "helpers", "services", "signals", "common"])
def test_no_drawer_for_everything(name):
    assert [path for path in TRACKED if path.stem == name or name in path.parts] == []


def test_no_django_signals():
    wired = re.compile(r"@receiver|django\.db\.models\.signals|post_save|pre_save|m2m_changed")
    assert [path for path in PRODUCT if wired.search(path.read_text())] == []


def test_every_template_has_no_inline_style_and_no_inline_script():
    inline = re.compile(r"\sstyle=|<script(?![^>]*\bsrc=)|\son\w+=|<style")
    templates = [
        p for p in (ROOT / "templates").rglob("*") if p.suffix in {".html", ".svg", ".txt"}
    ]
    assert templates
    assert [path for path in templates if inline.search(path.read_text())] == []


def test_migrations_have_names():
    numbered = re.compile(r"^\d{4}_(auto_|alter_|add_field)")
    assert [p for p in PRODUCT if "migrations" in p.parts and numbered.match(p.name)] == []
