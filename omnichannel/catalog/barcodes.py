"""Reads the bar code in a picture that a camera took (UI §6)."""

import io
import struct

import zxingcpp
from PIL import Image

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 4_000_000
# A telephone's own camera knows nothing of these limits; its JPEG is shrunk while it is read.
MOST_BYTES_OF_PHOTO = 16 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP")
SHRINKS = (1, 2, 4, 8)


class NotAnImage(ValueError):
    """The bytes are no picture of a format that is read here."""


class TooLarge(ValueError):
    """The picture has more bytes or pixels than are decoded."""


def decode_frame(data: bytes) -> str:
    """The text of the first code in a camera's frame; empty if there is none.

    Raises TooLarge above MOST_BYTES or MOST_PIXELS, before any pixel is decoded, and NotAnImage.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge
    return read(data, shrinks=(1,))


def decode_photo(data: bytes) -> str:
    """The same of a photograph, which may be larger as long as it is a JPEG."""
    if len(data) > MOST_BYTES_OF_PHOTO:
        raise TooLarge
    return read(data, shrinks=SHRINKS)


def read(data: bytes, shrinks: tuple[int, ...]) -> str:
    try:
        # The header alone: width and height are known, nothing is decoded yet.
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        shrink_to_limit(image, shrinks)
        grey = image.convert("L")
    except Image.DecompressionBombError as error:
        raise TooLarge from error
    except TooLarge:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise NotAnImage from error
    found = zxingcpp.read_barcodes(grey, text_mode=zxingcpp.TextMode.Plain)
    return next((code.text.strip() for code in found if code.valid and code.text.strip()), "")


def shrink_to_limit(image: Image.Image, shrinks: tuple[int, ...]) -> None:
    width, height = image.size
    for shrink in shrinks:
        if -(-width // shrink) * -(-height // shrink) <= MOST_PIXELS:
            # Only a JPEG can; it takes one such request and ignores any later one.
            image.draft("L", (width // shrink, height // shrink))
            break
    if image.width * image.height > MOST_PIXELS:
        raise TooLarge
