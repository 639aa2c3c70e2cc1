"""What the lists of this room show, on screen and in CSV alike (PRODUCT §6)."""

from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from asn.models import Asn, AsnLine
from asn.tables import ASNS
from asn.tables import TONES as ASN_TONES
from omnichannel.web.columns import (
    Code,
    Color,
    Due,
    Number,
    Stamp,
    Status,
    Text,
)
from omnichannel.web.lookups import days_overdue
from omnichannel.web.tables import Table

from .models import (
    TransferOrder,
    TransferOrderLine,
    TransferTransaction,
    TransferTransactionLine,
)

TRANSFERS = "/store-operations/inventory/transfer-orders/"
PARCELS = "/store-operations/inventory/transfer-transactions/"
PRODUCTS = "/catalog/products/"
# The origin picks and ships, so its clock counts.
ZONE = "origin__time_zone"
TONES: dict[str, str] = {
    TransferOrder.Status.OPEN: "info",
    TransferOrder.Status.IN_PROGRESS: "warn",
    TransferOrder.Status.COMPLETED: "ok",
}
PARCEL_TONES: dict[str, str] = {
    TransferTransaction.Status.PICKED: "info",
    TransferTransaction.Status.READY: "warn",
    TransferTransaction.Status.SHIPPED: "ok",
}
# Few enough rows that any sort of them is quick.
NARROW = ("q", "store", "origin", "destination", "reference", "product")
# Without a due day it is never late: patience is for who is owed something by a date.
LATE = days_overdue(ZONE, "due_date", "ordered_at", 0)


class TransferTable(Table):
    """The documented columns, and behind them ours."""

    reference = Code(
        "external_ref", _("External Reference"), link=(TRANSFERS, "uuid"), css="c-name"
    )
    ordered_at = Stamp("ordered_at", _("Order Date"), zone=ZONE)
    origin = Text("origin__name", _("From"), sort="origin__name_key", sort_when=NARROW)
    destination = Text("destination__name", _("To"), sort="destination__name_key", sort_when=NARROW)
    status = Status(
        "status", _("Status"), choices=TransferOrder.Status, tones=TONES, sort_when=NARROW
    )
    origin_id = Code("origin__code", _("From ID"), sort_when=NARROW, wide=True)
    destination_id = Code("destination__code", _("To ID"), sort_when=NARROW, wide=True)
    due = Due("due_date", _("Due Date"), late="late", sort_when=NARROW)
    ordered = Number("ordered_total", _("Ordered"), sort_when=NARROW)
    transferred = Number("transferred_total", _("Transferred"), sort_when=NARROW)

    model = TransferOrder
    key = ("ordered_at", "id")
    newest_first = True
    pick = "uuid"
    pick_label = "external_ref"

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        """What is done, or was promised for no day, is never late."""
        is_waited_for = Q(due_date__isnull=False) & ~Q(status__in=TransferOrder.FINAL)
        return rows.annotate(late=Case(When(is_waited_for, then=LATE)))


def at_the_other_end(value: Any) -> Coalesce:
    """Σ over the notices that the order's shipments made, of an order line's product."""
    shipped = TransferTransaction.objects.filter(
        order=OuterRef(OuterRef("order")), asn__isnull=False
    )
    told = (
        AsnLine.objects.filter(asn__in=shipped.values("asn"), product=OuterRef("product"))
        .order_by()
        .values("product_id")
        .annotate(units=Sum(value))
    )
    return Coalesce(Subquery(told.values("units"), output_field=IntegerField()), 0)


class LineTable(Table):
    """The lines of an order. Variance is ordered − transferred, the documented exception."""

    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), css="c-name"
    )
    product_id = Code("product__product_id", _("Product ID"))
    sku = Code("product__sku", _("SKU"), wide=True)
    size = Text("product__size", _("Size"))
    color = Color("product__color", _("Color"))
    ordered = Number("ordered", _("Ordered Quantity"), css="c-words")
    transferred = Number("transferred", _("Transferred Quantity"), css="c-words")
    variance = Number("rest", _("Variance (ordered − transferred)"), css="c-words")
    reserved = Number("reserved", _("Set Aside"), wide=True)
    received = Number("received", _("Received at Destination"), css="c-words")
    in_transit = Number("under_way", _("In Transit"))
    gone = Number("gone", _("Lost or Returned"), css="c-words", wide=True)

    model = TransferOrderLine
    key = ("id",)

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return rows.annotate(
            rest=F("ordered") - F("transferred"),
            received=at_the_other_end(F("received") + F("received_elsewhere")),
            under_way=at_the_other_end(F("in_transit")),
            gone=at_the_other_end(F("lost") + F("damaged") + F("returned") + F("never_shipped")),
        )


class ExportedLineTable(LineTable):
    """As CSV has it: the documented header, without the page's explanation."""

    variance = Number("rest", _("Variance"))


class ParcelTable(Table):
    """Shipments against an order."""

    number = Code("number", _("Number"), link=(PARCELS, "uuid"), css="c-name")
    status = Status("status", _("Status"), choices=TransferTransaction.Status, tones=PARCEL_TONES)
    units = Number("quantity_total", _("Units"))
    carrier = Text("carrier", _("Carrier"))
    tracking = Code("tracking_number", _("Tracking Number"))
    shipped = Stamp("shipped_at", _("Shipped"), zone="order__origin__time_zone")
    associate = Code("associate_id", _("Associate"))
    asn = Code("asn__number", _("ASN"), link=(ASNS, "asn__uuid"))

    model = TransferTransaction


class ShippedAsnTable(Table):
    """What the destination expects of an order, and what it has received."""

    number = Code("number", _("ASN Number"), link=(ASNS, "uuid"), css="c-name")
    time = Stamp("shipped_at", _("Time"), zone="destination__time_zone")
    status = Status("status", _("Status"), choices=Asn.Status, tones=ASN_TONES)
    expected = Number("expected_total", _("Expected"))
    received = Number("received_total", _("Received"))
    in_transit = Number("in_transit_total", _("In Transit"))

    model = Asn


class ParcelLineTable(Table):
    """What is in a parcel."""

    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), css="c-name"
    )
    product_id = Code("product__product_id", _("Product ID"))
    sku = Code("product__sku", _("SKU"), wide=True)
    size = Text("product__size", _("Size"))
    color = Color("product__color", _("Color"))
    quantity = Number("quantity", _("Units"))

    model = TransferTransactionLine
    key = ("id",)
