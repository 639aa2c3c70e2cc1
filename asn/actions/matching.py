"""Which product of ours a line of a message means, by everything that it calls the product."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from omnichannel.catalog.models import Product
from omnichannel.catalog.scanning import products_of_codes
from omnichannel.imports.edi.gs1 import forms_of_gtin, is_gtin
from omnichannel.imports.edi.papers import GTIN, THEIRS, Code, Finding, Line

Known = Mapping[str, Sequence[Product]]


class Match(NamedTuple):
    """`raw_code` is what the message said, where that is not how the catalogue has it."""

    product: Product
    raw_code: str = ""


def known_products(lines: Iterable[Line]) -> Known:
    """Everything that any code of the lines may mean, in a few queries."""
    return products_of_codes(form for line in lines for code in line.codes for form in forms(code))


def forms(code: Code) -> list[str]:
    return forms_of_gtin(code.value) if code.rank == GTIN else [code.value]


def match(line: Line, known: Known) -> Match | Finding:
    """The one product that the line means; the supplier's own code is asked where no other helps.

    A scan of the code would find the same (Settings > Barcodes); where two codes of a line name
    different products, or one names several, nobody is guessed.
    """
    found = {code: hit for code in line.codes if (hit := products_of(code, known))}
    sure = {code: hit for code, hit in found.items() if len(hit[1]) == 1}
    first = {code: hit for code, hit in sure.items() if code.rank != THEIRS} or sure
    if len({hit[1][0].pk for hit in first.values()}) > 1:
        told = ", ".join(f"{code} ({hit[1][0].product_id})" for code, hit in first.items())
        return finding(
            line,
            _("Its codes name different products: %s.") % told,
            _("Ask the sender, or correct the identifiers of the products."),
        )
    if first:
        code, (form, products) = next(iter(first.items()))
        is_strange = form != code.value or (code.rank == GTIN and not is_gtin(code.value))
        return Match(products[0], code.value if is_strange else "")
    if found:
        code, (_form, products) = next(iter(found.items()))
        shown = ", ".join(each.product_id for each in products[:5])
        return finding(
            line,
            _("%(code)s is borne by several products: %(products)s.")
            % {"code": code, "products": shown},
            _("Let one product only bear it."),
        )
    return finding(
        line,
        _("No product is known as %s.") % _(" or ").join(map(str, line.codes)),
        _("Import the product, or give it this code as an identifier; then choose the file again."),
    )


def products_of(code: Code, known: Known) -> tuple[str, Sequence[Product]] | None:
    """The first form of the code that anything bears, and what bears it."""
    return next(((form, known[form]) for form in forms(code) if form in known), None)


def finding(line: Line, cause: str, fix: str) -> Finding:
    return Finding(line.segment, line.tag, line.codes[0].value, cause, fix)
