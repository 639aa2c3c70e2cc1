"""Product labels: Code 128 and QR of the product id as paths, in millimetres of a paper.

Widths and quiet zones are those of ISO/IEC 15417 (Code 128) and ISO/IEC 18004 (QR).
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import zxingcpp
from django.utils.translation import gettext_lazy as _

# Millimetres of the narrowest bar: below, hand-held scanners miss it; above, nothing is gained.
NARROWEST, WIDEST = 0.19, 0.38
# Quiet zones in modules, on each side.
BARS_QUIET, QR_QUIET = 10, 4
DARK = re.compile(rb"\0+")


class Layout(NamedTuple):
    """A paper. Its measures in labels.css have the same name; here is what the symbols may take.

    `bars_width`, `bars_height`, `qr` beside bars and `qr_alone` are millimetres.
    """

    title: Any
    per_page: int
    bars_width: float
    bars_height: float
    qr: float
    qr_alone: float


LAYOUTS = {
    "sheet": Layout(_("A4 sheet, 24 of 70 × 37 mm"), 24, 62, 9.5, 18.5, 27),
    "roll": Layout(_("Roll, 57 × 32 mm"), 1, 53, 8.5, 18, 26),
}
SYMBOLS = {"both": _("Code 128 and QR"), "code128": _("Code 128"), "qr": _("QR")}


class NoCode128(ValueError):
    """The text has characters beyond printable ASCII, or so many that no scanner would read it."""


class OtherLetters(NoCode128):
    """Characters that Code 128 has not, or that a scanner would type as keys."""


class TooWide(NoCode128):
    """Bars narrower than NARROWEST would be needed."""


class Drawing(NamedTuple):
    """Dark modules as an SVG path on `columns` × `rows` modules, quiet zone included.

    `width` and `height` are SVG lengths in millimetres.
    """

    path: str
    columns: int
    rows: int
    width: str
    height: str


class Codes(NamedTuple):
    """What stands on a label; `refusal` says why a wanted Code 128 is not among it."""

    bars: Drawing | None
    qr: Drawing | None
    refusal: NoCode128 | None = None


def codes_of(text: str, layout: Layout, symbol: str) -> Codes:
    """The codes of one label. `symbol` is a key of SYMBOLS; a QR code stands in for lost bars."""
    if symbol == "qr":
        return Codes(None, qr(text, layout.qr_alone))
    try:
        bars = code_128(text, layout.bars_width, layout.bars_height)
    except NoCode128 as refusal:
        return Codes(None, qr(text, layout.qr_alone), refusal)
    return Codes(bars, qr(text, layout.qr) if symbol == "both" else None)


def code_128(text: str, width: float, height: float) -> Drawing:
    """Bars at most `width` and exactly `height` millimetres large; one row of modules.

    Raises OtherLetters and TooWide.
    """
    if not (text.isascii() and text.isprintable()):
        raise OtherLetters(text)
    modules = modules_of_code_128(text)
    columns = len(modules) + 2 * BARS_QUIET
    if not modules or columns * NARROWEST > width:
        raise TooWide(text)
    module = min(WIDEST, width / columns)
    path = path_of([modules], BARS_QUIET, 0)
    return Drawing(path, columns, 1, f"{columns * module:.3f}mm", f"{height:.3f}mm")


def qr(text: str, size: float) -> Drawing:
    """A square of `size` millimetres."""
    rows = modules_of_qr(text)
    columns = len(rows) + 2 * QR_QUIET
    side = f"{size:.3f}mm"
    return Drawing(path_of(rows, QR_QUIET, QR_QUIET), columns, columns, side, side)


@lru_cache(maxsize=1_000)
def modules_of_code_128(text: str) -> bytes:
    """One byte per module, 0 is dark; empty for more characters than the standard allows."""
    try:
        barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    except ValueError:
        return b""
    return rows_of(barcode)[0]


@lru_cache(maxsize=1_000)
def modules_of_qr(text: str) -> list[bytes]:
    # Readers guess the letters of a code that does not name them: some take Latin-1 for Japanese.
    letters = {} if text.isascii() else {"eci": "UTF-8"}
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", **letters)
    return rows_of(made)


def rows_of(barcode: zxingcpp.Barcode) -> list[bytes]:
    # Its type does not say that it is a buffer.
    image: Any = barcode.to_image(scale=1, add_quiet_zones=False)
    pixels = memoryview(image)
    (height, width), flat = image.shape, pixels.tobytes()
    return [flat[width * row : width * (row + 1)] for row in range(height)]


def path_of(rows: list[bytes], left: int, top: int) -> str:
    """Every run of dark modules in a row is one rectangle."""
    return "".join(
        f"M{left + run.start()} {top + number}h{len(run[0])}v1h-{len(run[0])}z"
        for number, row in enumerate(rows)
        for run in DARK.finditer(row)
    )
