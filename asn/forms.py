"""What a person says about a notice before anything is done (PRODUCT §6).

What makes no sense is told in `faults` and nothing is done; the acts check everything again.
"""

import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from inventory.permissions import ADJUST_INVENTORY
from omnichannel.catalog.scanning import products_of_code

from . import receiving
from .actions import Arrived, LineFate, Move, TakenBack, default_fate
from .models import Asn, AsnLine, Fate, Receipt, ReceiptLine

LONGEST_NOTE = 2_000
MOST_RECEIPTS = 50


class FateOption(NamedTuple):
    """A fate as it is offered; `is_barred` where it moves stock and he may not adjust any."""

    fate: Fate
    is_barred: bool
    is_default: bool


class Asked:
    """What every form here has: a key drawn once, so that a form sent twice acts once."""

    def __init__(self, words: QueryDict) -> None:
        self.faults: list[str] = []
        self.words = words
        self.key = words.get("key") or str(uuid.uuid4())
        self.note = words.get("note", "")[:LONGEST_NOTE]
        revision = words.get("revision", "")
        self.revision = whole_number(revision)

    def fate(self, name: str) -> Fate | None:
        text = self.words.get(name, "")
        if not text:
            return None
        if text in Fate.values:
            return Fate(text)
        self.faults.append(_("“%s” is no fate. Choose one of the list.") % text[:40])
        return None


class Closing(Asked):
    """A force close: one fate for every remainder, and others for single lines."""

    def __init__(self, words: QueryDict, asn: Asn, user: Any) -> None:
        super().__init__(words)
        self.asn, self.user = asn, user
        self.chosen = self.fate("fate")
        self.receipt = words.get("receipt", "")

    def receipt_id(self, name: str = "receipt") -> int | None:
        text = self.words.get(name, "")
        return receipt_named(self.user, text) if text else None

    def line_fates(self) -> dict[int, LineFate]:
        found = {}
        for line in self.open_lines():
            fate = self.fate(f"fate-{line.pk}")
            if fate:
                receipt = self.receipt_id(f"receipt-{line.pk}") or self.receipt_id()
                found[line.pk] = LineFate(fate, receipt if fate == Fate.ELSEWHERE else None)
        return found

    def open_lines(self) -> Iterable[AsnLine]:
        return (
            AsnLine.objects.filter(asn=self.asn, in_transit__gt=0)
            .select_related("product")
            .order_by("pk")
        )


def fate_options(asn: Asn, user: Any) -> list[FateOption]:
    at, usual = receiving.shelves(), default_fate(asn)
    is_barred = not user.has_perm(ADJUST_INVENTORY)
    return [
        FateOption(
            fate,
            is_barred and at.of(asn, fate) != at.of(asn, Fate.DECIDE_LATER),
            fate == usual,
        )
        for fate in Fate
    ]


def possible_receipts(asn: Asn, user: Any) -> QuerySet[Receipt]:
    """The newest receipts that may have what is lacking, of those that the user may see."""
    lacking = AsnLine.objects.filter(asn=asn).exclude(in_transit=0, expected=0).values("product")
    brought = ReceiptLine.objects.filter(
        receipt=OuterRef("pk"), quantity__gt=0, product__in=lacking
    )
    return (
        Receipt.objects.visible_to(user)
        .filter(Exists(brought), status=Receipt.Status.COMPLETED, completed_at__gte=asn.shipped_at)
        .exclude(asn=asn)
        .exclude(kind=Receipt.Kind.CORRECTION)
        .select_related("location", "asn", "transaction")
        .order_by("-pk")[:MOST_RECEIPTS]
    )


def receipt_named(user: Any, text: str) -> int | None:
    """The key of a receipt that the user may see."""
    try:
        named = Receipt.objects.visible_to(user).filter(uuid=uuid.UUID(text))
    except ValueError:
        return None
    return named.values_list("pk", flat=True).first()


class FateRow(NamedTuple):
    """Units of a line that have one fate, and what was typed about them."""

    line: AsnLine
    before: Fate
    units: int
    name: str
    quantity: str
    after: str


class Redeciding(Asked):
    """Other fates for units of a closed notice, row by row."""

    def __init__(self, words: QueryDict, asn: Asn, user: Any) -> None:
        super().__init__(words)
        self.asn, self.user = asn, user

    def rows(self) -> list[FateRow]:
        lines = AsnLine.objects.filter(asn=self.asn).select_related("product").order_by("pk")
        return [
            self.row(line, fate)
            for line in lines
            for fate in Fate
            if getattr(line, fate.column) > 0
        ]

    def row(self, line: AsnLine, before: Fate) -> FateRow:
        name = f"{line.pk}-{before}"
        units = getattr(line, before.column)
        return FateRow(
            line,
            before,
            units,
            name,
            self.words.get(f"quantity-{name}", str(units)),
            self.words.get(f"after-{name}", ""),
        )

    def moves(self) -> list[Move]:
        found = []
        for row in self.rows():
            after = self.fate(f"after-{row.name}")
            if after is None:
                continue
            quantity = whole_number(row.quantity)
            if quantity is None:
                self.faults.append(no_quantity(row.line, row.quantity))
                continue
            receipt = self.words.get("receipt", "") if after == Fate.ELSEWHERE else ""
            named = receipt_named(self.user, receipt) if receipt else None
            found.append(Move(row.line.pk, row.before, after, quantity, named))
        if not found and not self.faults:
            self.faults.append(_("Choose at least one other fate."))
        return found


class BackRow(NamedTuple):
    """What can still be taken back of one line of a receipt, and what was typed."""

    line: ReceiptLine
    possible: int
    name: str
    quantity: str


class Correcting(Asked):
    """Units that a receipt should not have brought."""

    def __init__(self, words: QueryDict, receipt: Receipt) -> None:
        super().__init__(words)
        self.receipt = receipt

    def rows(self) -> list[BackRow]:
        back: dict[tuple[int, int | None], int] = {}
        corrections = ReceiptLine.objects.filter(receipt__corrects=self.receipt)
        for product, of, units in corrections.values_list("product_id", "line_id", "quantity"):
            back[product, of] = back.get((product, of), 0) + units
        rows = []
        lines = self.receipt.lines.select_related("product").order_by("pk")
        for line in lines:
            key = (line.product_id, line.line_id)
            possible = line.quantity + max(back.get(key, 0), -line.quantity)
            back[key] = back.get(key, 0) + line.quantity - possible
            name = str(line.pk)
            rows.append(BackRow(line, possible, name, self.words.get(f"quantity-{name}", "")))
        return [row for row in rows if row.possible]

    def taken_back(self) -> list[TakenBack]:
        found = []
        for row in self.rows():
            if row.quantity.strip() in ("", "0"):
                continue
            quantity = whole_number(row.quantity)
            if quantity is None:
                self.faults.append(no_quantity(row.line, row.quantity))
                continue
            found.append(TakenBack(row.line.product_id, quantity, row.line.line_id))
        if not found and not self.faults:
            self.faults.append(_("Say how many units of at least one product were too many."))
        return found


class Arriving(Asked):
    """Units of a closed notice that are there after all: by line, and of one product more."""

    def __init__(self, words: QueryDict, asn: Asn) -> None:
        super().__init__(words)
        self.asn = asn

    def items(self) -> list[Arrived]:
        found = []
        lines = AsnLine.objects.filter(asn=self.asn).select_related("product").order_by("pk")
        for line in lines:
            text = self.words.get(f"quantity-{line.pk}", "").strip()
            if text in ("", "0"):
                continue
            quantity = whole_number(text)
            if quantity is None:
                self.faults.append(no_quantity(line, text))
                continue
            found.append(Arrived(line.product_id, quantity, line.carton_id))
        found += self.further()
        if not found and not self.faults:
            self.faults.append(_("Say how many units of at least one product arrived."))
        return found

    def further(self) -> list[Arrived]:
        """A product that the notice does not name."""
        code = self.words.get("code", "").strip()
        if not code:
            return []
        products = products_of_code(code)
        quantity = whole_number(self.words.get("quantity", "") or "1")
        if len(products) != 1:
            self.faults.append(_("“%s” is not the code of one product. Type its ID.") % code[:60])
        elif not quantity:
            self.faults.append(_("%s: give a whole number of 1 or more.") % products[0].product_id)
        else:
            return [Arrived(products[0].pk, quantity)]
        return []


def whole_number(text: str) -> int | None:
    digits = text.strip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= 10:
        number = int(digits)
        return number if number <= MAX_QUANTITY else None
    return None


def no_quantity(line: AsnLine | ReceiptLine, text: str) -> str:
    return _("%(product)s: “%(text)s” is no quantity; give a whole number.") % {
        "product": line.product.product_id,
        "text": text[:20],
    }
