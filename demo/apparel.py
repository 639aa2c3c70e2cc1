"""Invented stock of the apparel: the same on every machine, told by checksums."""

import zlib

from .history import History
from .masterdata import Store
from .readers import stock_import

# These stores carry every variant, so that a demo always finds sizes; the others, one in twelve.
FULL_RANGE = ("DE-01", "FR-01", "GB-01", "US-01", "JP-01")
ONE_IN = 12
NOTE = "Simulated apparel stock"


def simulate(
    stores: dict[str, Store], variants: dict[str, int], places: dict[str, int], history: History
) -> int:
    """Stock imports of apparel; answers the lines. `places` are primary keys by name."""
    before = history.line_count()
    for store in stores.values():
        opened: dict[str, int] = {}
        for code, product_id in variants.items():
            checksum = zlib.crc32(f"{store.code}/{code}".encode())
            for place, units in stock_of(store, checksum).items():
                if place not in opened:
                    label = f"APPAREL-{place}"
                    opened[place] = history.open(stock_import(store, places[place], label, NOTE))
                history.add(opened[place], product_id, places[place], units)
    return history.line_count() - before


def stock_of(store: Store, checksum: int) -> dict[str, int]:
    """Units by stock location; a few variants are sold out, on display, or damaged."""
    if store.code not in FULL_RANGE and checksum % ONE_IN:
        return {}
    stock = {"main": (checksum >> 8) % 13}
    if store.code in FULL_RANGE:
        if (checksum >> 16) % 20 == 0:
            stock["display"] = 1
        if (checksum >> 20) % 60 == 0:
            stock["damaged"] = 1 + (checksum >> 28) % 2
    return stock
