"""What the lists of this room show, on screen and in CSV alike (PRODUCT §6)."""

from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Now, Upper
from django.utils.translation import gettext_lazy as _

from omnichannel.catalog.models import Price, ProductIdentifier
from omnichannel.eventstream.models import Event
from omnichannel.web.columns import (
    Change,
    Choice,
    Code,
    Codes,
    Color,
    Due,
    Money,
    Number,
    Quantity,
    Stamp,
    Status,
    Text,
    YesNo,
)
from omnichannel.web.lookups import days_overdue
from omnichannel.web.tables import Table

from .models import Asn, AsnLine, Fate, FateDecision, Receipt, ReceiptLine, Standing

ASNS = "/store-operations/inventory/asns/"
RECEIPTS = "/store-operations/inventory/receipts/"
PRODUCTS = "/catalog/products/"
TRANSACTIONS = "/store-operations/inventory/transactions/"
ZONE = "destination__time_zone"
TONES: dict[str, str] = {
    Asn.Status.OPEN: "info",
    Asn.Status.PARTIALLY_RECEIVED: "warn",
    Asn.Status.CLOSED: "ok",
}
RECEIPT_TONES: dict[str, str] = {
    Receipt.Status.IN_PROGRESS: "info",
    Receipt.Status.COMPLETED: "ok",
}
# Few enough rows that any sort of them is quick.
NARROW = ("q", "store", "origin", "order")
LATE = days_overdue(ZONE, "expected_date", "shipped_at", settings.ASN_OVERDUE_DAYS)


class AsnTable(Table):
    time = Stamp("shipped_at", _("Time"), zone=ZONE, link=(ASNS, "uuid"), css="c-name")
    number = Code("number", _("ASN Number"), link=(ASNS, "uuid"))
    order = Codes("order_ids", _("Order ID"), sort=False)
    origin_id = Code("origin__code", _("From ID"), sort_when=NARROW, wide=True)
    origin = Text("origin__name", _("From"), sort="origin__name_key", sort_when=NARROW)
    destination_id = Code("destination__code", _("To ID"), sort_when=NARROW, wide=True)
    destination = Text("destination__name", _("To"), sort="destination__name_key", sort_when=NARROW)
    status = Status("status", _("Status"), choices=Asn.Status, tones=TONES, sort_when=NARROW)
    due = Due("expected_date", _("Expected Arrival"), late="late", sort=False)
    products = Number("product_count", _("Products"), sort_when=NARROW)
    items = Number("expected_total", _("Items"), sort_when=NARROW, css="c-qty")

    model = Asn
    key = ("shipped_at", "id")
    newest_first = True
    pick = "uuid"
    pick_label = "number"

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        """What is closed is never late."""
        return rows.annotate(late=Case(When(~Q(status=Asn.Status.CLOSED), then=LATE)))


def further_name(kind: str) -> Subquery:
    """The product's oldest identifier of a kind; '' where it has none."""
    named = ProductIdentifier.objects.filter(product=OuterRef("product_id")).alias(
        kind=Upper("type")
    )
    first = named.filter(kind=kind).order_by("pk").values("value")[:1]
    return Coalesce(Subquery(first), Value(""), output_field=CharField())  # type: ignore[return-value]


class LineTable(Table):
    """The lines of an ASN: what was announced, and where every unit of it is now."""

    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), css="c-name"
    )
    product_id = Code("product__product_id", _("Product ID"))
    sku = Code("product__sku", _("SKU"), wide=True)
    ean = Code("ean", _("EAN"), wide=True)
    upc = Code("upc", _("UPC"), wide=True)
    size = Text("product__size", _("Size"))
    color = Color("product__color", _("Color"))
    fit = Text("fit", _("Fit"), wide=True)
    carton = Code("carton_id", _("Carton"))
    expected = Number("expected", _("Expected"))
    received = Number("received", _("Received"))
    variance = Change("change", _("Variance"))
    in_transit = Number("in_transit", _("In Transit"), wide=True)
    elsewhere = Number("received_elsewhere", _("Received Elsewhere"), wide=True)
    written_off = Number("gone", _("Written Off"), wide=True)
    returned = Number("returned", _("Returned"), wide=True)
    never_shipped = Number("never_shipped", _("Never Shipped"), wide=True)
    raw_code = Code("raw_code", _("Code As Sent"), wide=True)

    model = AsnLine
    key = ("id",)

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return rows.annotate(
            change=F("received") - F("expected"),
            gone=F("lost") + F("damaged"),
            ean=further_name("EAN"),
            upc=further_name("UPC"),
            fit=further_name("FIT"),
        )


class ReceiptTable(Table):
    """Who received what, and when."""

    completed = Stamp(
        "completed_at",
        _("Completed"),
        zone="location__time_zone",
        link=(RECEIPTS, "uuid"),
        css="c-name",
    )
    kind = Choice("kind", _("Kind"), choices=Receipt.Kind, link=(RECEIPTS, "uuid"))
    status = Status("status", _("Status"), choices=Receipt.Status, tones=RECEIPT_TONES)
    late = YesNo("is_late", _("Late Arrival"), wide=True)
    carton = Code("carton_id", _("Carton"), wide=True)
    associate = Code("associate_id", _("Associate"))
    products = Number("products", _("Products"))
    units = Change("units", _("Units"))
    damaged = Number("broken", _("Damaged"), wide=True)
    note = Text("note", _("Note"), wide=True)

    model = Receipt

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return rows.annotate(
            products=Count("lines__product", distinct=True),
            units=Sum("lines__quantity"),
            broken=Sum("lines__damaged"),
        )


class ReceiptLineTable(Table):
    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), css="c-name"
    )
    product_id = Code("product__product_id", _("Product ID"))
    size = Text("product__size", _("Size"))
    color = Color("product__color", _("Color"))
    carton = Code("carton_id", _("Carton"))
    quantity = Change("quantity", _("Units"))
    over = Number("over", _("Over-received"))
    damaged = Number("damaged", _("Damaged"))
    damage = Text(
        "damage__reason__subtype", _("Adjustment Reason"), link=(TRANSACTIONS, "damage__uuid")
    )

    model = ReceiptLine


class DecisionTable(Table):
    """What was said about the remainder, one row for each change of mind."""

    name = Text(
        "line__product__name",
        _("Product Name"),
        link=(PRODUCTS, "line__product__product_id"),
        css="c-name",
    )
    product_id = Code("line__product__product_id", _("Product ID"))
    carton = Code("line__carton_id", _("Carton"), wide=True)
    quantity = Number("quantity", _("Units"))
    before = Choice("before", _("Before"), choices=Fate, wide=True)
    fate = Choice("fate", _("Fate"), choices=Fate)
    decided = Stamp("decided_at", _("Decided"), zone="asn__destination__time_zone")
    associate = Code("associate_id", _("Associate"))
    note = Text("note", _("Note"), wide=True)
    transaction = Code(
        "transaction__reason__subtype", _("Stock"), link=(TRANSACTIONS, "transaction__uuid")
    )
    way_back = Code("return_asn__number", _("Return"), link=(ASNS, "return_asn__uuid"))
    receipt = Code("receipt__associate_id", _("Received By"), link=(RECEIPTS, "receipt__uuid"))

    model = FateDecision


class EventTable(Table):
    """What the stream tells of a notice, its receipts and its fates; moments in UTC."""

    published = Stamp("published_at", _("Published"), zone="zone", css="c-name")
    name = Code("name", _("Event"))
    entity = Code("entity_id", _("Domain entity ID"), wide=True)
    delivered = Number("delivered", _("Delivered"))
    waiting = Number("waiting", _("Waiting"))
    failed = Number("failed", _("Rejected"))

    model = Event

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return rows.annotate(
            zone=Value("UTC"),
            delivered=Count("deliveries", filter=Q(deliveries__state="DELIVERED")),
            waiting=Count("deliveries", filter=Q(deliveries__state="PENDING")),
            failed=Count("deliveries", filter=Q(deliveries__state="REJECTED")),
        )


def worth() -> Any:
    """Of what is under way, in the pricebook of who sends, else of who is sent to (PRODUCT §3)."""
    price = Price.objects.filter(
        product=OuterRef("product_id"),
        pricebook=Coalesce(
            OuterRef("asn__origin__pricebook"), OuterRef("asn__destination__pricebook")
        ),
    )
    lines = (
        AsnLine.objects.filter(asn=OuterRef("pk"), in_transit__gt=0)
        .order_by()
        .values("asn_id")
        .annotate(worth=Sum(F("in_transit") * Subquery(price.values("value")[:1])))
    )
    return Subquery(lines.values("worth"), output_field=DecimalField())


class InTransitTable(Table):
    """Documents with goods under way, the oldest first."""

    number = Code("number", _("Document"), link=(ASNS, "uuid"), css="c-name")
    origin_id = Code("origin__code", _("From ID"), sort=False, wide=True)
    origin = Text("origin__name", _("From"), sort=False)
    destination_id = Code("destination__code", _("To ID"), sort=False, wide=True)
    destination = Text("destination__name", _("To"), sort=False)
    shipped = Stamp("shipped_at", _("Shipped"), zone=ZONE)
    age = Number("age", _("Age in Days"), sort=False)
    value = Money("worth", _("Value"), currency="currency", sort=False)
    status = Status("status", _("Status"), choices=Asn.Status, tones=TONES, sort=False)
    standing = Choice("standing", _("Booked"), choices=Standing, sort=False, wide=True)
    units = Quantity("in_transit_total", _("Units"), sort_when=NARROW)

    model = Asn
    key = ("shipped_at", "id")

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        arms = [When(one.condition, then=Value(one.value)) for one in Standing]
        return rows.annotate(
            age=Func(
                Now(),
                F("shipped_at"),
                template="greatest(0, extract(day FROM %(expressions)s))::int",
                arg_joiner=" - ",
                output_field=IntegerField(),
            ),
            standing=Case(*arms, output_field=CharField()),
            worth=worth(),
            currency=Coalesce(
                "origin__pricebook__currency",
                "destination__pricebook__currency",
                Value(""),
                output_field=CharField(),
            ),
        )
