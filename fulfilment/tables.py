"""What the lists of this room show, on screen and in files alike (PRODUCT §9, CONTRACT §5)."""

from django.db.models import (
    Case,
    DateTimeField,
    F,
    FilteredRelation,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from omnichannel.web.columns import (
    Choice,
    Code,
    Color,
    Column,
    Money,
    Number,
    Quantity,
    Stamp,
    Text,
)
from omnichannel.web.source import LedSource
from omnichannel.web.tables import Table

from .models import Availability, Mispick

PRODUCTS = "/catalog/products/"
STOCK = "/store-operations/inventory/stock-on-hand/"
COUNTS = "/store-operations/inventory/count-tasks/"
ZONE = "location__time_zone"
NARROW = ("q", "store", "product")


class Day(Column):
    """A calendar day; CSV gets ISO 8601."""

    css = "stamp"
    is_text = False

    def cell(self, value: str, *extra: str) -> str:
        return f"due({value}, None)"


class Uuid(Code):
    """An id that integrations gave; no spreadsheet reads one as a formula."""

    is_text = False


class Imported(Stamp):
    """When an import last told the stock; a dash where imports do not (documented)."""

    def cell(self, value: str, *extra: str) -> str:
        return f'{super().cell(value, *extra)} if {value} else "-"'

    def plain(self, value: str, *extra: str) -> str:
        return f"coalesce({super().plain(value, *extra)}, '-')"


class StockLevelTable(Table):
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
        "price__value", _("Price"), currency="location__pricebook__currency", sort=False, wide=True
    )
    store = Text("location__name", _("Location"), sort="location__name_key")
    location = Code("location__code", _("Location ID"), sort=False, wide=True)
    in_stock = Number(
        "in_stock", _("In Stock"), link=(STOCK, "location__code", "product__product_id"), sort=False
    )
    reserved = Number("soft_reserved", _("Reserved"), sort=False)
    allocated = Number("allocated", _("Allocated"), sort=False)
    safety_stock = Number("safety_stock", _("Safety Stock"), sort=False)
    current_atp = Number("current_atp", _("Current ATP"), sort=False)
    future_atp = Number("future_atp", _("Future ATP"), sort=False, wide=True)
    future_date = Day("future_date", _("Future Availability Date"), sort=False, wide=True)
    last_import = Imported("imported_at", _("Last Stock Import"), zone=ZONE, sort=False, wide=True)
    last_mispick = Stamp("mispicked_at", _("Last Mispick"), zone=ZONE, sort=False, wide=True)
    total_atp = Quantity("total_atp", _("Total ATP"), sort=False)

    model = Availability
    key = ("location_id", "product_id")
    source = LedSource

    class Meta:
        sequence = (
            "name", "product_id", "sku", "size", "color", "price", "store", "location", "in_stock",
            "reserved", "allocated", "safety_stock", "current_atp", "future_atp", "future_date",
            "total_atp", "last_import", "last_mispick",
        )  # fmt: skip

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        """Nothing negative is shown, and no import counts where the stock is ours."""
        never: Value = Value(None, output_field=DateTimeField())
        return rows.annotate(
            price=FilteredRelation(
                "product__prices", condition=Q(product__prices__pricebook=F("location__pricebook"))
            ),
            in_stock=Greatest("on_hand", 0, output_field=IntegerField()),
            imported_at=Case(
                When(location__is_inventory_master=True, then=never), default=F("last_import_at")
            ),
        )


class MispickTable(Table):
    order = Uuid("order_uuid", _("Order ID"), sort=False, css="c-name")
    updated = Stamp("updated_at", _("Updated"), zone=ZONE)
    store = Text("location__name", _("Store"), sort=False)
    associate = Code("associate_id", _("Associate"), sort=False)
    # Ours, so behind the documented columns.
    kind = Choice("kind", _("Kind"), choices=Mispick.Kind, sort=False)
    name = Text(
        "product__name", _("Product Name"), link=(PRODUCTS, "product__product_id"), sort=False
    )
    product_id = Code("product__product_id", _("Product ID"), sort=False)
    reason = Code("reason", _("Reason"), sort=False, wide=True)
    note = Text("note", _("Note"), sort=False, wide=True)
    location = Code("location__code", _("Fulfillment Location"), sort=False, wide=True)
    count = Text("count__name", _("Count"), link=(COUNTS, "count__uuid"), sort=False)

    model = Mispick
    key = ("updated_at", "id")
    newest_first = True
