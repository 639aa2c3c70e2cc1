import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omnichannel.locations.models import StockLocation

# A Wednesday; the last finished ISO week is 9 to 15 November 2026.
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)

FILES = {
    "retail-history/stores.csv": [
        "store_id,name,city,country_code,timezone,currency",
        "GB-01,London,London,GB,Europe/London,GBP",
        "DE-01,Berlin,Berlin,DE,Europe/Berlin,EUR",
        "US-01,San José,San José,US,America/Los_Angeles,USD",
    ],
    "retail-history/products.csv": [
        "sku,name,price_gbp,style,variant",
        "85123A,WHITE HANGING HEART,2.55,85123,A",
        "85123B,=RED HANGING HEART,2.95,85123,B",
        "PADS,PADS TO MATCH ALL CUSHIONS,0.001,PADS,",
    ],
    "retail-history/unlisted_products.csv": ["sku", "35594"],
    "retail-history/opening_stock.csv": [
        "store_id,sku,quantity",
        "GB-01,85123A,10",
        "GB-01,85123B,0",
        "DE-01,85123A,5",
    ],
    "retail-history/deliveries_simulated.csv": [
        "store_id,delivered_on,asn_number,sku,quantity",
        "GB-01,2010-12-15,SIM-GB-01-101215,85123A,20",
        "GB-01,2010-12-15,SIM-GB-01-101215,35594,3",
    ],
    "retail-history/movements.csv": [
        "happened_at_local,document,type,sku,delta,unit_price_gbp,store_id,reason",
        "2010-12-01 08:26:00,536365,sale,85123A,-6,2.55,GB-01,",
        "2010-12-01 08:26:00,536365,sale,85123A,-6,2.55,GB-01,",
        "2010-12-01 08:26:00,536365,adjustment_in,PADS,2,0.0,GB-01,",
        "2010-12-01 08:27:00,536365,sale,85123B,-1,2.95,GB-01,",
        "2010-12-02 09:00:00,536366,sale,85123A,-1,2.55,,",
        "2010-12-02 10:00:00,536367,adjustment_in,85123A,1,0.0,DE-01,Found",
        "2010-12-02 10:00:00,536367,adjustment_in,85123B,1,0.0,DE-01,",
        "2010-12-03 10:00:00,536368,adjustment_out,85123A,-2,0.0,DE-01,wet pallet",
        "2010-12-17 21:30:00,C536369,return,85123A,1,2.55,US-01,",
    ],
    "apparel-catalogue.csv": [
        "sku,product_id,product_name,size,color,price_usd,material,style_general,style_bottom,"
        "category,weight,stock_qty",
        "MH01-XS-Black,MH01,Chaz Kangeroo Hoodie,XS,Black,52,Wool,,,Default/Men,1,100",
        "MH01-S-Black,MH01,Chaz Kangeroo Hoodie,S,Black,52,Wool,,,Default/Men,1,100",
    ],
}


class Folder:
    """A few rows of every file, to be spoilt line by line (line 1 is the header)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "retail-history").mkdir()
        for name, lines in FILES.items():
            (path / name).write_text("\n".join(lines) + "\n")

    def lines(self, name: str) -> list[bytes]:
        return (self.path / name).read_bytes().splitlines()

    def write(self, name: str, lines: list[bytes]) -> None:
        (self.path / name).write_bytes(b"\n".join(lines) + b"\n")

    def replace(self, name: str, line: int, text: str | bytes) -> None:
        lines = self.lines(name)
        lines[line - 1] = text if isinstance(text, bytes) else text.encode()
        self.write(name, lines)

    def append(self, name: str, *texts: str) -> None:
        self.write(name, self.lines(name) + [text.encode() for text in texts])

    def pack(self, name: str, *, cut: int = 0) -> None:
        """Turn the file into gzip, without its last `cut` bytes."""
        plain = self.path / name
        packed = gzip.compress(plain.read_bytes())
        plain.with_name(f"{plain.name}.gz").write_bytes(packed[: len(packed) - cut])
        plain.unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def committed(transactional_db: None) -> None:
    """For what needs real commits: the flush between such tests empties seeded tables too."""
    for name in ("main", "display", "damaged"):
        StockLocation.objects.get_or_create(
            name=name, defaults={"display_name": name, "is_salable": name == "main"}
        )
