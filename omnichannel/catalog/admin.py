from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omnichannel.accounts.site import ReferenceAdmin

from .models import Pricebook, Product, ProductIdentifier


class IdentifierInline(admin.TabularInline):
    model = ProductIdentifier
    extra = 1
    ordering = ("type", "value")


@admin.register(Product)
class ProductAdmin(ReferenceAdmin):
    # The ledger names products for ever; one that is no longer sold is made inactive.
    deletable = False
    fields = (
        "product_id",
        "sku",
        "name",
        "size",
        "color",
        "variant_group",
        "is_active",
        "prices",
    )
    list_display = ("product_id", "sku", "name", "size", "color", "variant_group", "is_active")
    list_filter = ("is_active",)
    search_fields = ("product_id", "sku", "name", "identifiers__value")
    ordering = ("product_id",)
    inlines = (IdentifierInline,)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Product | None = None
    ) -> tuple[str, ...]:
        # The id is what integrations call the product by.
        return ("product_id", "prices") if obj else ("prices",)

    @admin.display(description=_("prices"))
    def prices(self, product: Product) -> SafeString | str:
        rows = product.prices.select_related("pricebook").order_by("pricebook__name")
        cells = format_html_join(
            "",
            "<tr><td>{}</td><td>{} {}</td></tr>",
            (
                (row.pricebook.name, number_format(row.value), row.pricebook.currency)
                for row in rows
            ),
        )
        return format_html("<table>{}</table>", cells) if cells else gettext("No price")


@admin.register(Pricebook)
class PricebookAdmin(ReferenceAdmin):
    list_display = ("name", "currency", "note")
    search_fields = ("name", "currency")
    ordering = ("name",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Pricebook | None = None
    ) -> tuple[str, ...]:
        # Prices are amounts of it; another currency would change what every one of them means.
        return ("currency",) if obj else ()
