"""The pages of this room, declared (PRODUCT §2, §4, §5)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum, Value
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.catalog.models import Product
from omnichannel.catalog.printing import MOST_PRODUCTS, Labels
from omnichannel.eventstream.sent import events_sent
from omnichannel.locations.models import (
    FulfillmentLocation,
    currencies_of,
    sees_documents_of,
)
from omnichannel.web.acts import Act
from omnichannel.web.cells import money, stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, Section, one
from omnichannel.web.lists import ListPage
from omnichannel.web.shell import Item
from omnichannel.web.totals import Total

from .. import filters, permissions, queries, tables
from ..models import AuditEntry, InventoryTransaction, InventoryTransactionLine

INVENTORY = (gettext_lazy("Store Operations"), gettext_lazy("Inventory"))
CATALOG = (gettext_lazy("Catalog"),)


def counted(**condition: Any) -> Count:
    return Count(Value(1), filter=Q(**condition))


def print_labels(request: HttpRequest, product_ids: list[str]) -> HttpResponseBase:
    """Labels of the chosen products: what a list selected, printed as if typed."""
    words = request.POST.copy()
    words.setlist("row", product_ids)
    request.POST = words  # type: ignore[assignment]
    return Labels.as_view()(request)


LABELS = Act(
    "labels",
    gettext_lazy("Print labels"),
    "barcode",
    permissions.VIEW_INVENTORY_MANAGEMENT,
    print_labels,
    MOST_PRODUCTS,
)
IN_AND_OUT = (
    Total(gettext_lazy("Units in"), Sum("quantity", filter=Q(quantity__gt=0)), {"direction": "in"}),
    Total(
        gettext_lazy("Units out"), Sum("quantity", filter=Q(quantity__lt=0)), {"direction": "out"}
    ),
)


class StockOnHandList(ListPage):
    title = gettext_lazy("Stock On Hand")
    crumbs: Sequence[Any] = INVENTORY
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.StockTable, filters.StockFilters
    totals = (
        Total(gettext_lazy("Units"), Sum("quantity")),
        Total(gettext_lazy("Negative"), counted(quantity__lt=0), {"level": "negative"}),
        Total(gettext_lazy("Out of stock"), counted(quantity=0), {"level": "out"}),
    )
    acts: Sequence[Act] = (LABELS,)
    makers: Sequence[Item] = (
        Item(
            gettext_lazy("As of a moment"),
            "inventory:stock-as-of",
            "history",
            permissions.VIEW_INVENTORY_MANAGEMENT,
        ),
    )
    export_needs_filter = True
    empty_text = gettext_lazy(
        "Stock appears with the first import, receipt or count of a store whose stock is ours."
    )

    def get_queryset(self) -> QuerySet:
        is_narrow = "store" in self.state.words
        model: Any = self.table.model
        rows = model.objects.visible_to(self.request.user, by_index=not is_narrow)
        return rows.filter(location__is_inventory_master=True)

    def get_empty_text(self) -> str:
        if filters.stores_of_ours(self.request).exists():
            return str(self.empty_text)
        return _("No store's stock is ours yet: the ERP owns it, and this page shows only ours.")

    def currencies(self) -> list[str]:
        """Of the stores that the list shows; amounts of several never add up (PRODUCT §3)."""
        stores = self.active.get("store") or filters.stores_of_ours(self.request)
        return currencies_of(stores)

    def extra_context(self) -> dict[str, Any]:
        """Of one store that was asked for, what there is to know about its numbers."""
        stores = (self.active.get("store") or [])[:2]
        return {"head_html": banner(self.request, stores[0])} if len(stores) == 1 else {}

    def narrow(self, rows: QuerySet, active: Mapping[str, Any]) -> QuerySet:
        """What is on its way is no stock of a shelf, unless asked for (DESIGN §4)."""
        if "stock_location" in active:
            return rows
        return rows.exclude(stock_location_id=queries.OnItsWay())


def banner(request: HttpRequest, location: FulfillmentLocation) -> SafeString | str:
    """What the room above has to say about the store."""
    told: SafeString | str = import_string(settings.STORE_BANNER)(request, location)
    return told


class AuditTrail(ListPage):
    """Why the number is what it is: every movement of one product in one store."""

    crumbs = (*INVENTORY, (gettext_lazy("Stock On Hand"), "inventory:stock-on-hand"))
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.AuditTable, filters.AuditFilters
    totals = IN_AND_OUT
    empty_text = gettext_lazy("This product has never moved in this store.")

    @cached_property
    def location(self) -> FulfillmentLocation:
        return one(
            FulfillmentLocation.objects.visible_to(self.request.user), code=self.kwargs["code"]
        )

    @cached_property
    def product(self) -> Product:
        return one(Product.objects.all(), product_id=self.kwargs["product_id"])

    def prepare(self) -> None:
        if not sees_documents_of(self.request.user, self.location.pk):
            self.table = tables.ClosedAuditTable

    def get_queryset(self) -> QuerySet:
        return AuditEntry.objects.visible_to(self.request.user).filter(
            location=self.location, product=self.product
        )

    def get_title(self) -> str:
        return _("%(product)s in %(store)s") % {
            "product": self.product.name,
            "store": self.location.name,
        }

    def extra_context(self) -> dict[str, Any]:
        return {
            "subtitle": _(
                "Audit trail of %(product)s in %(store)s: every movement over all stock "
                "locations, newest first. Balances run in the order of posting."
            )
            % {"product": self.product.product_id, "store": self.location.code},
            "head_html": banner(self.request, self.location),
        }


class TransactionList(ListPage):
    title = gettext_lazy("Transactions")
    crumbs = INVENTORY
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.TransactionTable, filters.TransactionFilters
    makers = (
        Item(
            gettext_lazy("Adjust stock"),
            "inventory:adjust",
            "pencil-line",
            permissions.ADJUST_INVENTORY,
        ),
    )
    export_needs_filter = True
    empty_text = gettext_lazy(
        "Receipts, transfers, adjustments, counts, returns, sales and imports appear here."
    )

    def get_queryset(self) -> QuerySet:
        return InventoryTransaction.objects.visible_to(self.request.user).listed()


class TransactionDetail(DetailPage):
    crumbs = (*INVENTORY, (gettext_lazy("Transactions"), "inventory:transactions"))
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT

    def get_object(self) -> InventoryTransaction:
        rows = InventoryTransaction.objects.visible_to(self.request.user).select_related(
            "location",
            "from_location",
            "to_location",
            "from_stock_location",
            "to_stock_location",
            "reason",
            "corrects",
        )
        return one(rows, uuid=self.kwargs["uuid"])

    def facts(self, found: InventoryTransaction) -> Iterable[Fact]:
        zone = found.location.time_zone
        yield Fact(_("Status"), found.get_status_display())
        yield Fact(_("Store"), found.location.name, found.location.code)
        if found.from_location:
            yield Fact(_("From"), found.from_location.name, found.from_location.code)
        if found.to_location:
            yield Fact(_("To"), found.to_location.name, found.to_location.code)
        yield Fact(_("From Stock Location"), found.from_stock_location)
        yield Fact(_("To Stock Location"), found.to_stock_location)
        if found.reason:
            yield Fact(_("Adjustment Reason"), found.reason.subtype, found.reason.type)
        yield Fact(_("Started"), stamp_html(found.started_at, zone), zone)
        yield Fact(_("Completed"), stamp_html(found.completed_at, zone), zone)
        yield Fact(_("Associate"), found.associate_id)
        yield Fact(_("Reference"), reference_of(found))
        if found.corrects:
            yield Fact(_("Corrects"), document_link(found.corrects))
        for correction in found.corrections.order_by("pk"):
            yield Fact(_("Corrected by"), document_link(correction))
        yield Fact(_("Note"), found.note)

    def buttons(self, found: InventoryTransaction) -> Iterable[Button]:
        is_open = found.type == InventoryTransaction.Type.ADJUSTMENT and not found.corrects_id
        if not is_open or found.corrections.exists():
            return
        if self.request.user.has_perm(permissions.ADJUST_INVENTORY):
            url = reverse("inventory:correct", args=[found.uuid])
            yield Button(_("Correct this adjustment"), url, "undo-2")

    def sections(self, found: InventoryTransaction) -> Iterable[Section]:
        yield Section(
            _("Lines as typed"),
            tables.LineTable,
            InventoryTransactionLine.objects.filter(transaction=found).order_by("position"),
            _("No line was typed."),
        )
        yield Section(
            _("Movements they made"),
            tables.MadeTable,
            found.movements(),
            _("Nothing moved: the ERP owns the stock of this location."),
        )
        yield from events_sent(self.request.user, [str(found.uuid)])


class MovementList(ListPage):
    title = gettext_lazy("Movements")
    crumbs = INVENTORY
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.MovementTable, filters.MovementFilters
    totals = IN_AND_OUT
    export_needs_filter = True
    empty_text = gettext_lazy("Every change of every stock row appears here, line by line.")


class ProductList(ListPage):
    title = gettext_lazy("Products")
    crumbs = CATALOG
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.ProductTable, filters.ProductFilters
    totals = (Total(gettext_lazy("Inactive"), counted(is_active=False), {"state": "inactive"}),)
    acts = (LABELS,)
    empty_text = gettext_lazy("Products appear once the catalogue is loaded.")

    def get_queryset(self) -> QuerySet:
        """The catalogue is the same for everybody (PRODUCT §3)."""
        return Product.objects.all()


class ProductDetail(DetailPage):
    crumbs = (*CATALOG, (gettext_lazy("Products"), "inventory:products"))
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    template_name = "inventory/product.html"

    def get_object(self) -> Product:
        return one(Product.objects.all(), product_id=self.kwargs["product_id"])

    def get_title(self, found: Product) -> str:
        return found.name

    def buttons(self, found: Product) -> Iterable[Button]:
        words = urlencode({"product": found.product_id})
        if self.request.user.has_perm(permissions.ADJUST_INVENTORY):
            yield Button(_("Adjust stock"), f"{reverse('inventory:adjust')}?{words}", "pencil-line")
        if self.request.user.has_perm(settings.TRANSFER_PERMISSION):
            url = f"{reverse(settings.TRANSFER_PAGE)}?{words}"
            yield Button(_("Transfer it"), url, "package-plus")
        url = f"{reverse(settings.TRANSFERS_PAGE)}?{words}"
        yield Button(_("Transfer orders"), url, "package-check")
        yield Button(_("Print labels"), f"{reverse('catalog:labels')}?{words}", "printer")

    def facts(self, found: Product) -> Iterable[Fact]:
        yield Fact(_("Product ID"), found.product_id)
        yield Fact(_("SKU"), found.sku)
        yield Fact(_("Size"), found.size)
        yield Fact(_("Color"), found.color)
        yield Fact(_("Style"), found.variant_group)
        for kind, value in found.identifiers.order_by("type", "pk").values_list("type", "value"):
            yield Fact(kind.upper(), value)
        prices = found.prices.order_by("pricebook__currency", "pricebook_id")
        for amount, currency, note in prices.values_list(
            "value", "pricebook__currency", "pricebook__note"
        ):
            yield Fact(_("Price %s") % currency, money(amount, currency), note)
        if not found.is_active:
            yield Fact(_("State"), _("Inactive"))

    def extra_context(self, found: Product) -> dict[str, Any]:
        rows = queries.stock_per_store(found, self.request.user)
        siblings = Product.objects.filter(variant_group=found.variant_group).exclude(pk=found.pk)
        return {
            "rows": [(row, audit_url(row.code, found)) for row in rows],
            "on_hand": sum(row.on_hand for row in rows),
            "siblings": siblings.order_by("size", "color", "pk")[:60]
            if found.variant_group
            else [],
        }


def reference_of(document: InventoryTransaction) -> str:
    """A transfer's leads to its order, which a room above shows."""
    if document.type != InventoryTransaction.Type.TRANSFER or not document.reference:
        return document.reference
    url = f"{reverse(settings.TRANSFERS_PAGE)}?{urlencode({'reference': document.reference})}"
    return format_html('<a class="link" href="{}">{}</a>', url, document.reference)


def document_link(document: InventoryTransaction) -> SafeString:
    """To a document of the same store, which is in the scope of whoever sees the first."""
    url = reverse("inventory:transaction-detail", args=[document.uuid])
    return format_html('<a class="link" href="{}">{}</a>', url, document)


def audit_url(code: str, product: Product) -> str:
    return reverse("inventory:audit-trail", args=[code, product.product_id])
