"""Every fault of a data file is told with file, line, column and cause, and loads nothing."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from demo.loading import load_demo
from demo.models import DemoLoad
from demo.source import BadFile
from inventory.models import AdjustmentReason, InventoryTransaction
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Price, Pricebook, Product
from omnichannel.locations.models import FulfillmentLocation

from .conftest import NOW, Folder

pytestmark = pytest.mark.django_db

STORES = "retail-history/stores.csv"
PRODUCTS = "retail-history/products.csv"
UNLISTED = "retail-history/unlisted_products.csv"
OPENING = "retail-history/opening_stock.csv"
DELIVERIES = "retail-history/deliveries_simulated.csv"
MOVEMENTS = "retail-history/movements.csv"
APPAREL = "apparel-catalogue.csv"
LONG = "x" * 600


def refuse(folder: Folder) -> str:
    with pytest.raises(BadFile) as caught, transaction.atomic():
        load_demo(now=NOW, folder=folder.path)
    for model in (
        Product,
        Price,
        Pricebook,
        FulfillmentLocation,
        AdjustmentReason,
        InventoryTransaction,
        DemoLoad,
        User,
    ):
        assert model._base_manager.count() == 0, model
    return str(caught.value)


# (file, line, new text, column, part of the cause)
ROWS = [
    (STORES, 2, "GB-01,London,London,gb,Europe/London,GBP", "country_code", "no country code"),
    (STORES, 2, "GB-01,London,London,AQ,Europe/London,GBP", "country_code", "delivers to 'AQ'"),
    (STORES, 3, "DE-01,Berlin,Berlin,DE,Europe/Atlantis,EUR", "timezone", "no time zone"),
    (STORES, 3, "DE-01,Berlin,Berlin,DE,../../etc/passwd,EUR", "timezone", "no time zone"),
    (STORES, 3, "GB-01,Berlin,Berlin,DE,Europe/Berlin,EUR", "store_id", "a second time"),
    (STORES, 3, "DE-01, ,Berlin,DE,Europe/Berlin,EUR", "name", "empty"),
    (PRODUCTS, 2, "85123A,HEART,2.55,85123", "variant", "4 fields, the header 5"),
    (PRODUCTS, 2, "85123A,HEART,2.55,85123,A,more", "6", "6 fields, the header 5"),
    (PRODUCTS, 2, "85123A,HEART,-2.55,85123,A", "price_gbp", "no price"),
    (PRODUCTS, 2, "85123A,HEART,NaN,85123,A", "price_gbp", "no price"),
    (PRODUCTS, 2, "85123A,HEART,2e9,85123,A", "price_gbp", "no price"),
    (PRODUCTS, 2, '"85123A"x,HEART,2.55,85123,A', "sku", "no CSV"),
    (PRODUCTS, 3, "85123A,RED HEART,2.95,85123,B", "sku", "a second time"),
    (PRODUCTS, 3, f"85123B,{LONG},2.95,85123,B", "name", "600 characters"),
    (PRODUCTS, 3, "", "sku", "0 fields"),
    (PRODUCTS, 2, b"85123A,CAF\xc9,2.55,85123,A", "name", "not UTF-8"),
    (PRODUCTS, 2, b"85123A,LONE \xed\xa0\x80,2.55,85123,A", "name", "not UTF-8"),
    (PRODUCTS, 2, b"85123A,NUL \0 HERE,2.55,85123,A", "name", "NUL"),
    (UNLISTED, 1, "code", "1", "'code' where 'sku' belongs"),
    (OPENING, 3, "GB-01,85123B,-1", "quantity", "not between 0"),
    (OPENING, 3, "GB-01,85123B,1.5", "quantity", "no whole number"),
    (OPENING, 3, "GB-01,85123B,١٢", "quantity", "no whole number"),
    (OPENING, 3, "GB-01,85123B,1000001", "quantity", "and 1000000"),
    (OPENING, 3, "GB-01,85123A,1", "sku", "a second time"),
    (OPENING, 3, "GB-01,85123a,1", "sku", "neither in products.csv"),
    (OPENING, 4, "DE-99,85123A,5", "store_id", "'DE-99'"),
    (DELIVERIES, 2, "GB-01,2010-13-15,SIM-1,85123A,20", "delivered_on", "not in the calendar"),
    (DELIVERIES, 2, "GB-01,15/12/2010,SIM-1,85123A,20", "delivered_on", "no date like"),
    (DELIVERIES, 2, "GB-01,2010-12-15,SIM-1,85123A,0", "quantity", "not between 1"),
    (DELIVERIES, 3, "DE-01,2010-12-15,SIM-GB-01-101215,35594,3", "asn_number", "went to GB-01"),
    (DELIVERIES, 3, "GB-01,2010-12-16,SIM-GB-01-101215,35594,3", "asn_number", "on 2010-12-15"),
    (MOVEMENTS, 1, "when,document,type,sku,delta,unit_price_gbp,store_id,reason", "1", "'when'"),
    (MOVEMENTS, 2, "2010-12-01,1,sale,85123A,-6,2.55,GB-01,", "happened_at_local", "no time"),
    (MOVEMENTS, 2, "2010-02-30 08:26:00,1,sale,85123A,-6,2.55,GB-01,", "happened_at_local",
     "not in the calendar"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00+01:00,1,sale,85123A,-6,2.55,GB-01,",
     "happened_at_local", "no time"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,,sale,85123A,-6,2.55,GB-01,", "document", "empty"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,theft,85123A,-6,2.55,GB-01,", "type", "'theft'"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,nothing,-6,2.55,GB-01,", "sku", "'nothing'"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,MH01-S-Black,-6,2.55,GB-01,", "sku", "neither"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,85123A,six,2.55,GB-01,", "delta", "no whole"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,85123A,0,2.55,GB-01,", "delta", "0 units"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,85123A,6,2.55,GB-01,", "delta", "wrong way"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,return,85123A,-6,2.55,GB-01,", "delta", "wrong way"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,85123A,-9999999999,2.55,GB-01,", "delta", "no whole"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,85123A,-6,free,GB-01,", "unit_price_gbp", "price"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,85123A,-6,2.55,GB-1,", "store_id", "'GB-1'"),
    (MOVEMENTS, 2, "2010-12-01 08:26:00,1,sale,85123A,-6,2.55,GB-01,why", "reason", "only an"),
    (MOVEMENTS, 8, "2010-12-01 08:26:00,1,adjustment_in,85123A,6,0.0,GB-01,eaten by moths",
     "reason", "'eaten by moths' is no known reason"),
    # Known for what leaves, and not for what enters.
    (MOVEMENTS, 8, "2010-12-01 08:26:00,1,adjustment_in,85123A,6,0.0,GB-01,wet pallet",
     "reason", "no known reason"),
    (APPAREL, 3, "MH01-XS-Black,MH01,Hoodie,S,Black,52,Wool,,,D,1,100", "sku", "a second time"),
    (APPAREL, 3, "MH01-S-Black,MH01,Hoodie,,Black,52,Wool,,,D,1,100", "size", "empty"),
    (APPAREL, 3, "MH01-S-Black,MH01,Hoodie,S,Black,$52,Wool,,,D,1,100", "price_usd", "no price"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "line", "text", "column", "cause"),
    ROWS,
    ids=lambda value: str(value)[:40],
)
def test_a_bad_row_is_named(
    folder: Folder, file: str, line: int, text: str | bytes, column: str, cause: str
) -> None:
    folder.replace(file, line, text)
    said = refuse(folder)
    assert said.startswith(f"{file.split('/')[-1]}, line {line}, column {column}: ")
    assert cause in said


def spoil_header(folder: Folder) -> None:
    folder.replace(OPENING, 1, "store_id,sku,quantity,comment")


def mark_bytes(folder: Folder) -> None:
    folder.replace(OPENING, 1, b"\xef\xbb\xbfstore_id,sku,quantity")


def empty(folder: Folder) -> None:
    (folder.path / OPENING).write_bytes(b"")


def open_quote(folder: Folder) -> None:
    folder.replace(OPENING, 3, 'GB-01,"85123B,0')


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            spoil_header,
            "opening_stock.csv, line 1, column comment: the header has a column too many",
        ),
        (mark_bytes, r"opening_stock.csv, line 1, column 1: the header says '\ufeffstore_id'"),
        (empty, "opening_stock.csv, line 1, column 1: the header says '' where 'store_id'"),
        (open_quote, "opening_stock.csv, line 4, column store_id: this is no CSV"),
    ],
)
def test_a_bad_file_is_named(folder: Folder, spoil: Callable[[Folder], None], said: str) -> None:
    spoil(folder)
    assert refuse(folder).startswith(said)


@pytest.mark.parametrize("cut", [1, 8, 40])
def test_a_truncated_gzip_loads_nothing(folder: Folder, cut: int) -> None:
    folder.pack(MOVEMENTS, cut=cut)
    said = refuse(folder)
    assert said.startswith("movements.csv.gz, line ")
    assert "column happened_at_local: the compressed file is damaged or ends too early" in said


def test_a_gzip_that_is_none_loads_nothing(folder: Folder) -> None:
    plain = folder.path / MOVEMENTS
    plain.rename(plain.with_name("movements.csv.gz"))
    assert "movements.csv.gz, line 1, column happened_at_local: the compressed" in refuse(folder)


def test_a_flipped_bit_in_a_gzip_loads_nothing(folder: Folder) -> None:
    folder.pack(MOVEMENTS)
    packed = folder.path / f"{MOVEMENTS}.gz"
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 16
    packed.write_bytes(bytes(content))
    assert refuse(folder).startswith("movements.csv.gz, line ")


@pytest.mark.parametrize(
    "name", [STORES, PRODUCTS, UNLISTED, OPENING, DELIVERIES, MOVEMENTS, APPAREL]
)
def test_a_missing_file_is_named(folder: Folder, name: str) -> None:
    (folder.path / name).unlink()
    assert f"{name.split('/')[-1]} is missing. Copy it into" in refuse(folder)


def test_files_without_any_history_are_refused(folder: Folder) -> None:
    for name in (DELIVERIES, MOVEMENTS):
        folder.write(name, folder.lines(name)[:1])
    assert refuse(folder) == "The data files hold no movement and no delivery."


def test_a_fault_in_the_last_line_of_the_last_file_undoes_everything(folder: Folder) -> None:
    folder.append(MOVEMENTS, "2010-12-17 21:30:00,1,sale,85123A,-1,2.55,DE-02,")
    assert refuse(folder).startswith("movements.csv, line 11, column store_id: ")


def test_a_field_of_two_lines_counts_as_the_line_it_ends_on(folder: Folder) -> None:
    folder.replace(PRODUCTS, 2, '85123A,"WHITE\nHEART",2.55,85123,A')
    folder.replace(PRODUCTS, 4, "85123B,RED HEART,dear,85123,B")
    assert refuse(folder).startswith("products.csv, line 4, column price_gbp: ")


def test_the_command_says_it_in_one_line_and_loads_nothing(folder: Folder) -> None:
    folder.replace(OPENING, 3, "GB-01,85123B,-1")
    with pytest.raises(CommandError) as caught:
        call_command("load_demo", folder=folder.path, stdout=open("/dev/null", "w"))  # noqa: SIM115
    assert str(caught.value) == (
        "Nothing was loaded. opening_stock.csv, line 3, column quantity: "
        "-1 is not between 0 and 1000000."
    )
    assert not Product.objects.exists()
