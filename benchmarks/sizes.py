"""How much is filled in: STOCK_ROWS, MOVEMENTS and PRODUCTS of the environment or the command."""

import os
import shutil
import tempfile
from typing import NamedTuple

# Measured on the filled tables, indexes included; a product comes with prices and trigrams.
BYTES_PER_STOCK_ROW, BYTES_PER_MOVEMENT, BYTES_PER_PRODUCT = 150, 170, 900
# What PostgreSQL may keep of its log besides.
LOG = 4 * 2**30
GIGABYTE = 10**9


class NoRoom(Exception):
    """The disk is too small for what was asked."""


class Sizes(NamedTuple):
    """Rows of the benchmark's database. `scale` shortens the rounds of a trial."""

    stock_rows: int
    movements: int
    products: int
    scale: float = 1.0

    @property
    def first_stock_rows(self) -> int:
        """What growth begins at: 1,000,000 rows at the usual range of products."""
        return min(self.stock_rows, 5 * self.products)

    @property
    def first_movements(self) -> int:
        return min(self.movements, 10 * self.products)

    def rounds(self, usual: int) -> int:
        return max(2, round(usual * self.scale))

    def disk_need(self) -> int:
        """Bytes."""
        return (
            self.stock_rows * BYTES_PER_STOCK_ROW
            + self.movements * BYTES_PER_MOVEMENT
            + self.products * BYTES_PER_PRODUCT
            + min(LOG, self.stock_rows * BYTES_PER_STOCK_ROW * 2)
        )

    def announce(self) -> str:
        """What will be filled, and what that needs.

        Raises:
            NoRoom: the disk of temporary files, where the throwaway database is, has less.
        """
        free = shutil.disk_usage(tempfile.gettempdir()).free
        need = self.disk_need()
        told = (
            f"# {self.stock_rows:,} stock rows, {self.movements:,} movements, "
            f"{self.products:,} products: about {need / GIGABYTE:.1f} GB of disk, "
            f"{free / GIGABYTE:.0f} GB are free"
        )
        if need > free:
            raise NoRoom(told)
        return told


def from_environment() -> Sizes:
    return Sizes(
        stock_rows=int(os.environ.get("STOCK_ROWS", "1000000")),
        movements=int(os.environ.get("MOVEMENTS", "2000000")),
        products=int(os.environ.get("PRODUCTS", "200000")),
        scale=float(os.environ.get("SCALE", "1")),
    )
