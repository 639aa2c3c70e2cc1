"""Benchmarks run to their end at the size of a toy; how fast anything is here means nothing."""

import math
import os

import pytest
from django.conf import settings
from django.core.management.utils import get_random_secret_key

from asn.models import Asn, AsnLine
from benchmarks import __main__ as bench
from benchmarks import (
    asn,
    audit,
    availability,
    counts,
    drain,
    export,
    growth,
    imports,
    lists,
    notices,
    posting,
    ratio,
    reports,
    search,
    transfers,
)
from benchmarks.filling import NotEmpty, fill_stock
from benchmarks.sizes import NoRoom, Sizes
from inventory.ledger import verify
from inventory.models import StockMovement, StockOnHand
from omnichannel.catalog.models import Product
from omnichannel.embedded.guard import Guard
from omnichannel.embedded.process import fresh_log
from omnichannel.embedded.valkey import Valkey
from omnichannel.locations.models import StockLocation
from transfers.models import TransferOrder

TOY = Sizes(stock_rows=8_000, movements=20_000, products=1_000, scale=0.02)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shelves():
    """A test that ran before may have emptied every table."""
    for name in ("main", "returns", "damaged", StockLocation.IN_TRANSIT):
        StockLocation.objects.get_or_create(
            name=name, defaults={"display_name": name, "is_salable": name == "main"}
        )


def names(figures):
    found = [str(figure).splitlines()[-1].split() for figure in figures]
    for line in found:
        assert line[0] == "RATIO"
        # A difference of two small times may well be negative.
        assert math.isfinite(float(line[2]))
        assert line[4] in {"HELD", "MISSED"}
    assert len({line[1] for line in found}) == len(found)
    return {line[1] for line in found}


def test_every_benchmark_of_lists_tells_its_figures(shelves, monkeypatch, capsys):
    monkeypatch.setattr(settings, "SECRET_KEY", get_random_secret_key())
    grown = names(growth.run(TOY))
    assert StockOnHand.objects.count() > TOY.stock_rows > TOY.first_stock_rows == 5_000
    cases = {name.removesuffix("_sql_ms") for name in grown if name.endswith("_sql_ms")}
    assert cases == {name.removesuffix("_growth") for name in grown if name.endswith("_growth")}
    assert {name.removeprefix("all_") for name in cases} >= set(growth.CASES)
    assert len(growth.PAIRS) == 12
    assert names(lists.run(TOY)) == {
        *("list_rows", "list_htmx_response", "list_page_beside_an_empty_one"),
        *("list_rows_beside_django_tables2", "list_rows_beside_the_admin"),
        *("list_page_1000_by_key", "list_page_1000_name", "list_page_1000_store"),
    }
    assert len(names(search.run(TOY))) == len(search.TEXTS)
    assert names(audit.run(TOY)) == {"audit_trail", "audit_trail_growth"}
    monkeypatch.setattr(reports, "WORKBOOKS", (100, 1_000))
    assert len(names(reports.run(TOY))) == 3 + len(reports.CASES) + 2
    assert StockMovement.objects.count() == TOY.movements + audit.LINES
    assert names(availability.run(TOY)) == {
        *("availability_delta_of_1_percent", "availability_of_2000_ms"),
        "availability_page_of_50_ms",
    }
    if os.name == "posix":
        assert names(export.run(TOY)) == {
            *("export_beside_bare_copy", "export_first_byte_ms", "export_memory_growth_mb"),
        }


def test_the_benchmark_of_posting_tells_its_figures(shelves, monkeypatch):
    def few(*sides, rounds):
        return ratio.paired(*sides, rounds=2, warm=1)

    monkeypatch.setattr(posting, "PRODUCTS", 250)
    monkeypatch.setattr(posting, "paired", few)
    assert names(posting.run()) == {"post_200_lines", "post_1_lines"}


def test_the_benchmark_of_the_drain_tells_its_figures(tmp_path, monkeypatch):
    # The worker of the rival opens what this process sealed.
    monkeypatch.setattr(settings, "SECRET_KEY", get_random_secret_key())
    valkey, guard = Valkey(tmp_path, log=fresh_log(tmp_path, "valkey")), Guard(tmp_path / "guard")
    guard.start()
    try:
        valkey.start(guard)
        found = drain.run(events=40, rounds=1, broker=valkey.url)
        assert names(found) == {
            "drain_beside_bare_aiohttp",
            "drain_beside_one_task_per_delivery",
        }
    finally:
        valkey.sweep()
        guard.finish()


def test_the_benchmark_of_notices_tells_its_figures(shelves, monkeypatch):
    def few(*sides, rounds, warm):
        return ratio.paired(*sides, rounds=2, warm=1)

    monkeypatch.setattr(posting, "PRODUCTS", 250)
    monkeypatch.setattr(asn, "RECEIPT_LINES", 25)
    monkeypatch.setattr(asn, "paired", few)
    monkeypatch.setattr(notices, "MANY", 2_000)
    monkeypatch.setattr(notices, "ROUNDS", 1)
    told = names(asn.run())
    assert {"receive_25_lines", "asns_page_1000", "in_transit_all_pairs_ms"} <= told
    centres = sum(notices.CENTRE in words for words in notices.CASES.values())
    assert len(told) == 4 + 2 * (len(notices.CASES) + len(notices.UNDER_WAY)) - centres
    assert Asn.objects.count() > 1_900
    # Both ways of receiving wrote the same.
    received = AsnLine.objects.filter(asn__number__startswith="ASN-").values_list("received")
    assert set(received) == {(6,)}


def test_the_benchmark_of_transfers_tells_its_figures(shelves, monkeypatch):
    monkeypatch.setattr(transfers, "MANY", 2_000)
    monkeypatch.setattr(transfers, "ROUNDS", 1)
    told = names(transfers.run())
    assert {"transfers_all_time_down_sql_ms", "transfers_page_1000"} <= told
    centres = sum(transfers.CENTRE in words for words in transfers.CASES.values())
    assert len(told) == 2 + 2 * len(transfers.CASES) - centres
    assert TransferOrder.objects.count() > 1_900


def test_the_benchmark_of_counts_tells_its_figures(shelves, monkeypatch):
    monkeypatch.setattr(counts, "PEOPLE", 4)
    monkeypatch.setattr(counts, "SCANS", 3)
    assert names(counts.run((2_000,), rounds=1)) == {
        *("activate_2k_lines", "lines_of_a_page_2k_ms", "page_of_2k_lines"),
        "complete_2k_lines",
        *("observe_median_of_64_at_once", "observe_p99_of_64_at_once"),
    }


def test_the_benchmark_of_stock_imports_tells_its_figures_and_both_ways_end_alike(shelves):
    told = names(imports.run(rows=60, places=3, rounds=1))
    assert told == {"stock_import_60_new_rows", "stock_import_60_changed_rows"}
    held = StockOnHand.objects.values_list("location__code", "product__product_id", "quantity")
    ours = {(code[5:], *rest) for code, *rest in held if code.startswith("ours-")}
    assert ours == {(code[5:], *rest) for code, *rest in held if code.startswith("bare-")}
    assert (len(ours), StockMovement.objects.count()) == (60, 240)
    assert verify().differences == 0


def test_nobodys_data_is_mixed_with_made_up_rows(shelves):
    Product.objects.create(product_id="mine", name="mine")
    with pytest.raises(NotEmpty):
        fill_stock(TOY, TOY.stock_rows)
    assert not StockOnHand.objects.exists()


def test_what_the_disk_cannot_hold_is_not_begun():
    assert "GB of disk" in TOY.announce()
    with pytest.raises(NoRoom):
        TOY._replace(stock_rows=10**15).announce()


def test_a_bound_from_below_is_held_from_above_only():
    assert ratio.Ratio("fast", 20.0, 1.0, 15, is_least=True).is_held
    assert not ratio.Ratio("slow", 14.9, 1.0, 15, is_least=True).is_held
    assert ratio.Ratio("near", 1.9, 1.0, 2.0).is_held
    assert not ratio.Ratio("far", 2.1, 1.0, 2.0).is_held
    assert str(ratio.Amount("spent_ms", 12.5, 12)) == "RATIO spent_ms 12.50 12.00 MISSED"
    assert str(ratio.Ratio("fast", 20, 1, 15, is_least=True)).endswith("20.00 >=15.00 HELD")


def test_a_benchmark_that_is_none_is_named(capsys):
    assert bench.main(["lists", "speed"]) == 2
    assert "speed" in capsys.readouterr().out
