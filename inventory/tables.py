"""What the lists of this room show, on screen and in CSV alike (PRODUCT §4, §5)."""

from django.db import models
from django.db.models import (
    Case,
    CharField,
    DecimalField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from omnichannel.catalog.models import Product
from omnichannel.web.columns import (
    Change,
    Choice,
    Code,
    Color,
    Money,
    Number,
    Quantity,
    Stamp,
    Status,
    Text,
    YesNo,
)
from omnichannel.web.source import LedSource
from omnichannel.web.tables import Table

from .models import (
    AdjustmentReason,
    AuditEntry,
    CustomerReservation,
    CustomerReservationItem,
    InventoryTransaction,
    InventoryTransactionLine,
    StockAsOf,
    StockMovement,
    StockOnHand,
)
from .queries import EXPIRED, UNITS_SET_ASIDE

PRODUCTS = "/catalog/products/"
STOCK = "/store-operations/inventory/stock-on-hand/"
TRANSACTIONS = "/store-operations/inventory/transactions/"
RESERVATIONS = "/store-operations/inventory/reservations/"
REASONS = "/settings/adjustment-reasons/"
ZONE = "location__time_zone"
TONES: dict[str, str] = {
    InventoryTransaction.Status.IN_PROGRESS: "info",
    InventoryTransaction.Status.READY_FOR_HANDOVER: "warn",
    InventoryTransaction.Status.COMPLETED: "ok",
}


class StockTable(Table):
    name = Text(
        "product__name",
        _("Product Name"),
        sort="product__name_key",
        link=(PRODUCTS, "product__product_id"),
        css="c-name",
    )
    product_id = Code("product__product_id", _("Product ID"))
    sku = Code("product__sku", _("SKU"), wide=True)
    size = Text("product__size", _("Size"))
    color = Color("product__color", _("Color"))
    price = Money(
        "price__value",
        _("Price"),
        currency="location__pricebook__currency",
        sort=False,
        wide=True,
    )
    store = Text("location__name", _("Store Name"), sort="location__name_key")
    location = Code("location__code", _("Fulfillment Location"), sort=False)
    stock_location = Text("stock_location__display_name", _("Stock Location"), sort=False)
    on_hand = Quantity(
        "quantity",
        _("On Hand"),
        link=(STOCK, "location__code", "product__product_id"),
        sort_when=("q", "store", "product"),
    )
    # Ours, so behind the documented columns.
    counted = Stamp(
        "counted_at",
        _("Last Counted"),
        zone=ZONE,
        sort_when=("q", "store", "product"),
        wide=True,
    )

    model = StockOnHand
    key = ("location_id", "product_id", "stock_location_id")
    source = LedSource
    pick = "product__product_id"

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        """The price belongs to the store's pricebook (PRODUCT §3)."""
        return rows.annotate(
            price=FilteredRelation(
                "product__prices", condition=Q(product__prices__pricebook=F("location__pricebook"))
            )
        )


class ReservationState(models.TextChoices):
    """The status, where one that is past its time and still set aside says so."""

    PENDING = CustomerReservation.Status.PENDING, _("Pending")
    RESERVED = CustomerReservation.Status.RESERVED, _("Reserved")
    EXPIRED = "EXPIRED", _("Expired, still set aside")
    CONVERTED = CustomerReservation.Status.CONVERTED, _("Converted")
    UNRESERVED = CustomerReservation.Status.UNRESERVED, _("Unreserved")
    REJECTED = CustomerReservation.Status.REJECTED, _("Rejected")


class ReservationTable(Table):
    reservation = Code(
        "external_id", _("Reservation"), link=(RESERVATIONS, "uuid"), sort=False, css="c-name"
    )
    customer = Code("customer_profile_id", _("Customer"), sort=False)
    store = Text("location__name", _("Store"), sort=False)
    location = Code("location__code", _("Fulfillment Location"), sort=False, wide=True)
    units = Number("units", _("Set Aside"), sort=False)
    status = Status(
        "state",
        _("Status"),
        choices=ReservationState,
        tones={
            ReservationState.PENDING: "info",
            ReservationState.RESERVED: "ok",
            ReservationState.EXPIRED: "warn",
        },
        sort=False,
    )
    created = Stamp("created_at", _("Created"), zone=ZONE)
    expires = Stamp("expires_at", _("Expires"), zone=ZONE, sort=False)
    associate = Code("associate_id", _("Associate"), sort=False, wide=True)

    model = CustomerReservation
    key = ("created_at", "id")
    newest_first = True
    pick = "uuid"
    pick_label = "external_id"

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        state = Case(
            When(EXPIRED, then=Value(ReservationState.EXPIRED)),
            default=F("status"),
            output_field=CharField(),
        )
        return rows.annotate(units=UNITS_SET_ASIDE, state=state)


class ReservedItemTable(Table):
    """The items of a reservation, one unit each."""

    position = Number("position", _("Item"))
    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), css="c-name"
    )
    product_id = Code("product__product_id", _("Product ID"))
    size = Text("product__size", _("Size"))
    color = Color("product__color", _("Color"))
    status = Choice("status", _("Status"), choices=CustomerReservation.Status)
    cart = Code("cart_id", _("Cart"))

    model = CustomerReservationItem


class ReasonTable(Table):
    type = Text("type", _("Adjustment Type"), link=(REASONS, "uuid"), css="c-name")
    reason = Text("subtype", _("Adjustment Reason"), sort=False)
    origin = Text("origin__display_name", _("Origin"), sort=False)
    destination = Text("destination__display_name", _("Destination"), sort=False)
    active = YesNo("is_active", _("Active"), sort=False)

    model = AdjustmentReason
    key = ("type", "subtype")


class AsOfTable(StockTable):
    """The same columns at a moment, with what it was worth at today's price."""

    on_hand = Quantity(
        "quantity",
        _("On Hand"),
        link=(STOCK, "location__code", "product__product_id"),
        sort=False,
    )
    value = Money("value", _("Value"), currency="location__pricebook__currency", sort=False)
    currency = Code("location__pricebook__currency", _("Currency"), sort=False, wide=True)

    model = StockAsOf  # type: ignore[assignment]

    class Meta:
        exclude = ("counted",)
        sequence = ("...", "value", "currency", "on_hand")

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        amount = DecimalField(max_digits=14, decimal_places=2)
        worth = ExpressionWrapper(F("quantity") * F("price__value"), output_field=amount)
        return super().annotate(rows).annotate(value=worth)


class TransactionTable(Table):
    type = Choice(
        "type",
        _("Type"),
        choices=InventoryTransaction.Type,
        link=(TRANSACTIONS, "uuid"),
        sort=False,
        css="c-name",
    )
    adjustment_type = Text("reason__type", _("Adjustment Type"), sort=False, wide=True)
    adjustment_reason = Text("reason__subtype", _("Adjustment Reason"), sort=False)
    started = Stamp("started_at", _("Started"), zone=ZONE, sort=False, wide=True)
    completed = Stamp("completed_at", _("Completed"), zone=ZONE)
    store = Text("location__name", _("Store"), sort=False)
    from_name = Text("from_location__name", _("From"), sort=False, wide=True)
    to_name = Text("to_location__name", _("To"), sort=False, wide=True)
    from_id = Code("from_location__code", _("From ID"), sort=False, wide=True)
    from_stock_location = Text(
        "from_stock_location__display_name", _("From Stock Location"), sort=False, wide=True
    )
    to_stock_location = Text(
        "to_stock_location__display_name", _("To Stock Location"), sort=False, wide=True
    )
    associate = Code("associate_id", _("Associate"), sort=False, wide=True)
    status = Status(
        "status", _("Status"), choices=InventoryTransaction.Status, tones=TONES, sort=False
    )
    reference = Code("reference", _("Reference"))

    model = InventoryTransaction
    key = ("completed_at", "id")
    newest_first = True


class TrailColumns(Table):
    """What a movement says about itself, in the audit trail and in Movements."""

    happened = Stamp("happened_at", _("Happened"), zone=ZONE, sort=False)
    type = Choice(
        "transaction__type",
        _("Type"),
        choices=InventoryTransaction.Type,
        link=(TRANSACTIONS, "transaction__uuid"),
        sort=False,
    )
    reason = Text("transaction__reason__subtype", _("Reason"), sort=False)
    reference = Code(
        "transaction__reference",
        _("Reference"),
        link=(TRANSACTIONS, "transaction__uuid"),
        sort=False,
    )
    stock_location = Text("stock_location__display_name", _("Stock Location"), sort=False)
    quantity = Change("quantity", _("Change"), sort=False)
    balance = Number("balance", _("Balance (stock location)"), sort=False)

    newest_first = True


class AuditTable(TrailColumns):
    store_balance = Number("store_balance", _("Balance (store)"), sort=False)
    associate = Code("transaction__associate_id", _("Associate"), sort=False, wide=True)
    note = Text("transaction__note", _("Note"), sort=False)

    model = AuditEntry


class ClosedAuditTable(AuditTable):
    """For who reads the store's stock but not its documents: the same, without links to them."""

    type = Choice("transaction__type", _("Type"), choices=InventoryTransaction.Type, sort=False)
    reference = Code("transaction__reference", _("Reference"), sort=False)


class MovementTable(TrailColumns):
    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), sort=False
    )
    product_id = Code("product__product_id", _("Product ID"), sort=False)
    store = Text("location__name", _("Store Name"), sort=False)
    location = Code("location__code", _("Fulfillment Location"), sort=False, wide=True)
    associate = Code("transaction__associate_id", _("Associate"), sort=False, wide=True)
    note = Text("transaction__note", _("Note"), sort=False, wide=True)

    model = StockMovement

    class Meta:
        sequence = ("happened", "type", "reason", "reference", "name", "product_id", "store", "...")


class ProductTable(Table):
    name = Text(
        "name", _("Product Name"), sort="name_key", link=(PRODUCTS, "product_id"), css="c-name"
    )
    product_id = Code("product_id", _("Product ID"))
    sku = Code("sku", _("SKU"))
    size = Text("size", _("Size"))
    color = Color("color", _("Color"))
    variant_group = Code("variant_group", _("Style"), wide=True)
    active = YesNo("is_active", _("Active"), sort=False, wide=True)

    model = Product
    key = ("product_id",)
    pick = "product_id"


class LineTable(Table):
    """The lines of a transaction, as they were typed."""

    position = Number("position", _("Line"))
    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), css="c-name"
    )
    product_id = Code("product__product_id", _("Product ID"))
    size = Text("product__size", _("Size"))
    color = Color("product__color", _("Color"))
    from_stock_location = Text("from_stock_location__display_name", _("From Stock Location"))
    to_stock_location = Text("to_stock_location__display_name", _("To Stock Location"))
    quantity = Number("quantity", _("Quantity"))

    model = InventoryTransactionLine


class MadeTable(Table):
    """The movements that a transaction made."""

    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), css="c-name"
    )
    product_id = Code("product__product_id", _("Product ID"))
    store = Text("location__name", _("Store Name"))
    stock_location = Text("stock_location__display_name", _("Stock Location"))
    quantity = Change("quantity", _("Change"))
    balance = Number("balance", _("Balance"), link=(STOCK, "location__code", "product__product_id"))

    model = StockMovement
