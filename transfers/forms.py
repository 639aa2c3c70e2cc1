"""What a person types before an order is made or a parcel packed (PRODUCT §6)."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.http import QueryDict
from django.utils.translation import gettext as _

from inventory.forms import ProductRows, Row
from inventory.models import MAX_QUANTITY
from omnichannel.catalog.models import Product
from omnichannel.catalog.scanning import products_of_code
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from . import queries
from .models import (
    ShippingRoute,
    TransferOrder,
    TransferOrderLine,
    TransferTransaction,
    TransferTransactionLine,
)

Status = TransferTransaction.Status
LONGEST_CODE = 256
# So many lines stand on one page; a form has as many fields.
LINES_A_PAGE = 300


class OrderedRow(NamedTuple):
    """A typed row and what the origin has of it; None where its stock is not ours to know."""

    row: Row
    available: int | None

    @property
    def is_short(self) -> bool:
        return self.available is not None and self.row.quantity > self.available


class Ordering(ProductRows):
    """A transfer order being typed: where from, where to, by when, and what."""

    def __init__(
        self,
        words: QueryDict,
        stores: QuerySet[FulfillmentLocation],
        places: QuerySet[FulfillmentLocation],
        here: str = "",
    ) -> None:
        super().__init__(words)
        self.origins = list(stores)
        self.places = list(places)
        self.shelves = list(StockLocation.objects.exclude(name__startswith="_").order_by("pk"))
        self.origin = self._origin(words.get("origin") or here)
        self.to = words.get("destination", "")
        self.destination = next((one for one in self.places if one.code == self.to), None)
        self.shelf_name = words.get("shelf", StockLocation.MAIN)
        self.shelf = next((one for one in self.shelves if one.name == self.shelf_name), None)
        self.due = words.get("due", "")[:20]

    def _origin(self, code: str) -> FulfillmentLocation | None:
        if len(self.origins) == 1:
            return self.origins[0]
        return next((one for one in self.origins if one.code == code), None)

    def groups(self) -> list[tuple[str, list[FulfillmentLocation]]]:
        """The destinations by country, without the origin."""
        found: list[tuple[str, list[FulfillmentLocation]]] = []
        for place in self.places:
            if place == self.origin:
                continue
            if not found or found[-1][0] != place.country:
                found.append((place.country, []))
            found[-1][1].append(place)
        return found

    def shown(self) -> list[OrderedRow]:
        known: Mapping[int, int] | None = None
        if self.origin and self.shelf and self.origin.is_inventory_master:
            products = [row.product.pk for row in self.rows]
            known = queries.on_hand(self.origin.pk, self.shelf.pk, products)
        return [
            OrderedRow(row, None if known is None else known.get(row.product.pk, 0))
            for row in self.rows
        ]

    def due_date(self) -> date | None:
        if not self.due:
            return None
        try:
            return date.fromisoformat(self.due)
        except ValueError:
            self.faults["due"] = _("This is no day. Choose one, or leave it empty.")
            return None

    def is_complete(self) -> bool:
        """Whether it can be created; tells in `faults` what is missing."""
        if self.origin is None:
            self.faults["origin"] = _("Choose the store that sends.")
        if self.destination is None:
            self.faults["destination"] = _("Choose where the goods go.")
        elif self.destination == self.origin:
            self.faults["destination"] = _("The goods are there already. Choose another location.")
        if self.shelf is None:
            self.faults["shelf"] = _("Choose a stock location.")
        if not self.rows:
            self.faults["code"] = _("Add at least one product: scan it or type its ID.")
        self.due_date()
        return not self.faults and not any(row.fault for row in self.rows)

    def is_begun(self) -> bool:
        """Whether there is anything worth keeping."""
        return bool(self.rows or self.to or self.due or self.note or self.code or self.pasted)


class PackRow(NamedTuple):
    """A line of the order while it is packed.

    `open` units may still go into this parcel: ordered, less shipped, less what is ready in
    others. `available` is what the origin has for it; None where its stock is not ours to know.
    `usual` units are proposed.
    """

    line: TransferOrderLine
    open: int
    available: int | None
    usual: int
    text: str
    quantity: int
    fault: str

    @property
    def is_short(self) -> bool:
        return self.available is not None and self.quantity > self.available


class Packing:
    """What goes into a parcel: one quantity for each line of its order that is not yet shipped.

    Without a `parcel` it proposes what is left and there; what was typed always wins.
    """

    def __init__(
        self, words: QueryDict, order: TransferOrder, parcel: TransferTransaction | None = None
    ) -> None:
        self.words, self.order, self.parcel = words, order, parcel
        self.faults: dict[str, str] = {}
        self.code = words.get("code", "").strip()[:LONGEST_CODE]
        lines = TransferOrderLine.objects.filter(order=order).select_related("product")
        self.lines = list(lines.order_by("pk"))
        self.packed = self._packed()
        self.all_rows = self._rows()
        self.pages = max(-(-len(self.all_rows) // LINES_A_PAGE), 1)
        asked = words.get("page", "")
        number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
        self.page = min(max(number, 1), self.pages)
        first = (self.page - 1) * LINES_A_PAGE
        self.rows = self.all_rows[first : first + LINES_A_PAGE]

    def _packed(self) -> dict[int, int]:
        if self.parcel is None:
            return {}
        lines = TransferTransactionLine.objects.filter(transaction=self.parcel)
        return dict(lines.values_list("product_id", "quantity"))

    def _picked_elsewhere(self) -> dict[int, int]:
        """Units by product in other parcels that are being picked just now."""
        others = TransferTransactionLine.objects.filter(
            transaction__order=self.order, transaction__status=Status.PICKED
        )
        if self.parcel:
            others = others.exclude(transaction=self.parcel)
        return dict(others.values_list("product_id").annotate(units=Sum("quantity")).order_by())

    def _rows(self) -> list[PackRow]:
        order = self.order
        ready, self.others = queries.being_packed(order), self._picked_elsewhere()
        products = [line.product_id for line in self.lines]
        held = queries.on_hand(order.origin_id, order.from_stock_location_id, products)
        knows = order.origin.is_inventory_master
        found = []
        for line in self.lines:
            left = max(line.remaining - ready.get(line.product_id, 0), 0)
            there = held.get(line.product_id, 0) + line.reserved if knows else None
            if left or self.packed.get(line.product_id):
                found.append(self._row(line, left, there))
        return found

    def _row(self, line: TransferOrderLine, left: int, there: int | None) -> PackRow:
        usual = self._usual(line.product_id, left, there)
        text = self.words.get(f"quantity-{line.pk}", str(usual)).strip()[:20]
        digits = text or "0"
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
            fault = _("Give a whole number of 0 or more.")
            return PackRow(line, left, there, usual, text, 0, fault)
        number = int(digits)
        fault = _("Only %s are left to ship.") % left if number > min(left, MAX_QUANTITY) else ""
        return PackRow(line, left, there, usual, digits, number, fault)

    def _usual(self, product: int, left: int, there: int | None) -> int:
        """What is in the parcel; for a new one what nobody else is picking, and is there."""
        if self.parcel:
            return max(self.packed.get(product, 0), 0)
        free = max(left - self.others.get(product, 0), 0)
        return free if there is None else max(min(free, there), 0)

    def add_code(self) -> None:
        """One more of the scanned product, if the order wants it."""
        found = products_of_code(self.code) if self.code else []
        mine = [row for row in self.rows if row.line.product in found]
        if len(mine) == 1:
            self._more(mine[0])
            self.code = ""
        elif self.code:
            self.faults["code"] = self._unknown(found)

    def _more(self, wanted: PackRow) -> None:
        place = self.rows.index(wanted)
        words = self.words.copy()
        words[f"quantity-{wanted.line.pk}"] = str(wanted.quantity + 1)
        self.words = words
        self.rows[place] = self._row(wanted.line, wanted.open, wanted.available)

    def _unknown(self, found: list[Product]) -> str:
        for place, row in enumerate(self.all_rows):
            if row.line.product in found:
                words = {"product": row.line.product.product_id, "page": place // LINES_A_PAGE + 1}
                return _("%(product)s stands on page %(page)s.") % words
        if found:
            return _("%s is not on this order, or has shipped.") % found[0].product_id
        return _("No product has the code “%s”.") % self.code[:60]

    def quantities(self) -> dict[int, int]:
        """Units by product, of every line that is shown; 0 takes a product out."""
        return {row.line.product_id: row.quantity for row in self.rows}

    def proposed(self) -> dict[int, int]:
        """Units by product, of every line of the order: what is left and there."""
        return {row.line.product_id: row.usual for row in self.all_rows if row.usual}

    @property
    def total(self) -> int:
        return sum(row.quantity for row in self.rows)

    @property
    def is_complete(self) -> bool:
        return not self.faults and not any(row.fault for row in self.rows)


class Carrying:
    """How a parcel travels: with a carrier, and then which, how fast and under what number."""

    def __init__(self, words: QueryDict, parcel: TransferTransaction) -> None:
        is_typed = "how" in words
        self.faults: dict[str, str] = {}
        self.with_carrier = words.get("how") == "carrier" if is_typed else parcel.with_carrier
        self.carrier = words.get("carrier", parcel.carrier).strip()[:128]
        self.service_level = words.get("service_level", parcel.service_level).strip()[:128]
        self.tracking_number = words.get("tracking_number", parcel.tracking_number).strip()[:256]
        self.levels = service_levels(parcel.order)

    def is_complete(self) -> bool:
        if self.with_carrier and not self.carrier:
            self.faults["carrier"] = _("Name the carrier, or hand it over without one.")
        return not self.faults

    def values(self) -> tuple[bool, str, str, str]:
        """In the order of `actions.Handover`; without a carrier only a number of one's own counts."""
        if not self.with_carrier:
            return False, "", "", self.tracking_number
        return True, self.carrier, self.service_level, self.tracking_number


def service_levels(order: TransferOrder) -> list[str]:
    """What the routes between the two ends offer, in the order in which they were told."""
    star = ShippingRoute.EVERYWHERE
    routes = ShippingRoute.objects.filter(
        Q(from_location_id__in=[order.origin.code, star]),
        Q(to_location_ids__overlap=[order.destination.code, star]),
    )
    told = routes.order_by("position").values_list("service_level_ids", flat=True)
    return list(dict.fromkeys(level for levels in told for level in levels))
