"""Prices (CONTRACT §4.3): one product's price in the pricebook of the file."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.catalog.models import Pricebook
from omnichannel.imports.applying import Rows
from omnichannel.imports.archive import Source
from omnichannel.imports.kinds import Kind, Option
from omnichannel.imports.models import Import
from omnichannel.imports.reading import JSON, csv_of
from omnichannel.imports.rows import BadFile, Ignored, amount, copied, required
from omnichannel.imports.staging import Check, RowTable

from .heads import check_head

MOST = Decimal("9999999999.99")
KEPT = {"product_id", "value"}

STAGED = 'product_id text COLLATE "C", value numeric(12, 2)'
DIFF = """
SELECT s.row, b.product_id AS id, p.id AS product, b.product_id IS NOT NULL AS is_changed
  FROM staged s JOIN catalog_product p ON p.product_id = s.product_id
  LEFT JOIN catalog_price b ON b.product_id = p.id AND b.pricebook_id = %(pricebook)s
 WHERE s.chunk = %(chunk)s AND b.value IS DISTINCT FROM s.value
"""
UPDATE = """
UPDATE catalog_price b SET value = s.value FROM diff d JOIN staged s ON s.row = d.row
 WHERE b.pricebook_id = %(pricebook)s AND b.product_id = d.id AND d.is_changed
"""
INSERT = """
INSERT INTO catalog_price (pricebook_id, product_id, value)
SELECT %(pricebook)s, d.product, s.value FROM diff d JOIN staged s ON s.row = d.row
 WHERE d.id IS NULL ORDER BY d.product
ON CONFLICT (pricebook_id, product_id) DO NOTHING
"""
# A full import: what the file does not name has no price in this pricebook any more.
CLEAN = """
DELETE FROM catalog_price b USING catalog_product p
 WHERE b.pricebook_id = %(pricebook)s AND p.id = b.product_id
   AND NOT EXISTS (
     SELECT FROM told t WHERE t.target = %(target)s AND t.product_id = p.product_id
   )
"""
UNKNOWN = """
DELETE FROM staged s WHERE NOT EXISTS (SELECT FROM catalog_product p WHERE p.product_id = s.product_id)
RETURNING row, chunk, product_id
"""


def check(fields: Mapping[str, Any], ignored: Ignored) -> str:
    """As `products.check`."""
    product_id = required(fields, "product_id", 256)
    for name in fields:
        if name not in KEPT:
            ignored[name] += 1
    value = amount(fields, "value", MOST)
    return f"{copied(product_id)}\t{value:f}"


TABLE = RowTable(
    columns=STAGED,
    key=("product_id",),
    check=check,
    checks=(
        Check(
            UNKNOWN,
            "product_id",
            gettext_lazy("There is no product of this ID."),
            gettext_lazy("Import the product first, or correct the ID; capitals count."),
        ),
    ),
    diff=DIFF,
    writes=(UPDATE, INSERT),
    clean=CLEAN,
    lock=7_406_012,
)


def writer(import_: Import, source: Source, head: Mapping[str, Any]) -> Rows:
    """
    Raises:
        BadFile: no pricebook of ours is named, or one of another currency.
    """
    check_head(source, head)
    told = head.get("pricebook") or import_.options.get("pricebook", "")
    book = Pricebook.objects.filter(name=told).first() if is_storable(told) else None
    if book is None:
        known = ", ".join(Pricebook.objects.order_by("name").values_list("name", flat=True)[:10])
        raise BadFile(
            _(
                "There is no pricebook “%(name)s”; there is %(known)s. Add it in the administration first."
            )
            % {"name": told[:64].replace("\0", ""), "known": known or "–"}
        )
    currency = head.get("currency") or book.currency
    if currency != book.currency:
        raise BadFile(
            _("The file is in %(file)s, but pricebook “%(name)s” is in %(book)s.")
            % {"file": currency[:16], "name": book.name, "book": book.currency}
        )
    return Rows(TABLE, target=book.name, pricebook=book.pk)


def is_storable(text: str) -> bool:
    return len(text) <= 64 and "\0" not in text and text.isprintable()


def pricebook_field() -> forms.Field:
    return forms.ModelChoiceField(
        label=gettext_lazy("Pricebook"),
        queryset=Pricebook.objects.order_by("name"),
        to_field_name="name",
        help_text=gettext_lazy("For prices as CSV; a JSON file names its own."),
    )


PRICES = Kind(
    name="prices",
    label=gettext_lazy("Prices"),
    permissions=("catalog.change_pricebook",),
    formats={".json": JSON, ".csv": csv_of(("product_id", "value"))},
    writer=writer,
    options={"pricebook": Option(pricebook_field, needed_by=(".csv",))},
    is_of_the_contract=True,
)
