"""What the phone's scans mean, and what is said of those that mean nothing or several things."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from omnichannel.web.scans import Outcome

from .models import Product
from .scanning import products_of_code

# More of one thing are typed elsewhere: a barcode that was read into the quantity has more digits.
MOST_UNITS = 9_999


class Read(NamedTuple):
    """One scan as page or phone sent it; `product_id` was tapped in a list, and is the product."""

    key: UUID
    code: str
    quantity: int
    at: datetime
    product_id: str = ""


class Unknown(NamedTuple):
    """A code that means no product, or several: `candidates`."""

    code: str
    units: int
    candidates: list[Product]


def meant(code: str, product_id: str = "") -> list[Product]:
    """The products of a scan; `product_id` was tapped in a list, and is the product."""
    tapped = Product.objects.filter(product_id=product_id).first() if product_id else None
    return [tapped] if tapped else products_of_code(code)


def only(products: Sequence[Product]) -> Product | None:
    return products[0] if len(products) == 1 else None


def unclear(key: UUID, code: str, found: Sequence[Product]) -> Outcome:
    """A scan that was kept until somebody says what it is."""
    text = (
        _("%s is the code of several products. Say which one, below.")
        if found
        else _("Nobody knows %s. It is kept; say what it is, below.")
    )
    return Outcome(key, "miss", text % code)


def not_one_product(typed: str) -> str:
    """What is said to somebody who told what an unknown code is."""
    return _("“%s” is not the code of one product. Type its ID.") % typed[:60]
