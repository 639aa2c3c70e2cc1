"""What lists are measured against: SQL and strings by hand, and what a team would take instead."""

from html import escape

import django_tables2
from django.contrib import admin
from django.db import connection, models
from django.db.models import F, FilteredRelation, Q
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from inventory.models import StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, StockLocation

ROWS = 50
# Keys first, joined last, as one would write it for this page alone.
FIRST_PAGE = """
SELECT p.name, p.product_id, p.sku, p.size, p.color, price.value, book.currency, l.name, l.code,
       s.display_name, k.quantity
  FROM (SELECT stock.*
          FROM inventory_stockonhand AS stock
          JOIN locations_fulfillmentlocation AS place ON place.id = stock.location_id
         WHERE place.is_inventory_master
           AND stock.stock_location_id <> (SELECT id FROM locations_stocklocation
                                            WHERE name = '_in_transit')
         ORDER BY stock.location_id, stock.product_id, stock.stock_location_id
         LIMIT %s) AS k
  JOIN catalog_product AS p ON p.id = k.product_id
  JOIN locations_fulfillmentlocation AS l ON l.id = k.location_id
  JOIN locations_stocklocation AS s ON s.id = k.stock_location_id
  LEFT JOIN catalog_pricebook AS book ON book.id = l.pricebook_id
  LEFT JOIN catalog_price AS price ON price.pricebook_id = book.id AND price.product_id = p.id
 ORDER BY k.location_id, k.product_id, k.stock_location_id
"""


def cell(label: str, text: object, css: str = "") -> str:
    return f'<td role="cell" data-label="{label}" class="{css}">{text}</td>'


def row(values: tuple) -> str:
    name, product_id, sku, size, color, price, currency, store, code, shelf, quantity = values
    e = escape
    amount = f"{price:,.2f} {currency}" if price is not None else ""
    return (
        '<tr role="row">'
        f'<td role="cell" data-label="Product Name" class="c-name">'
        f'<a href="/catalog/products/{e(product_id)}/">{e(name)}</a></td>'
        f'<td role="cell" data-label="Product ID" class="code">{e(product_id)}</td>'
        f'<td role="cell" data-label="SKU" class="code c-min">{e(sku)}</td>'
        f'<td role="cell" data-label="Size">{e(size)}</td>'
        f'<td role="cell" data-label="Color">{e(color)}</td>'
        f'<td role="cell" data-label="Price" class="num c-min">{amount}</td>'
        f'<td role="cell" data-label="Store Name">{e(store)}</td>'
        f'<td role="cell" data-label="Fulfillment Location" class="code">{e(code)}</td>'
        f'<td role="cell" data-label="Stock Location">{e(shelf)}</td>'
        f'<td role="cell" data-label="On Hand" class="num c-qty">'
        f'<a href="/store-operations/inventory/stock-on-hand/{e(code)}/{e(product_id)}/">'
        f"{quantity:,}</a></td></tr>"
    )


def by_hand() -> str:
    """The rows of the first page, and whether there are more."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_PAGE, [ROWS + 1])
        rows = cursor.fetchall()
    return "".join([row(values) for values in rows[:ROWS]])


class LibraryTable(django_tables2.Table):
    """The same ten columns as django-tables2 draws them if nobody interferes."""

    name = django_tables2.Column(
        "Product Name",
        accessor="product__name",
        linkify=lambda record: f"/catalog/products/{record.product.product_id}/",
    )
    product_id = django_tables2.Column("Product ID", accessor="product__product_id")
    sku = django_tables2.Column("SKU", accessor="product__sku")
    size = django_tables2.Column("Size", accessor="product__size")
    color = django_tables2.Column("Color", accessor="product__color")
    price = django_tables2.Column("Price", accessor="amount")
    store = django_tables2.Column("Store Name", accessor="location__name")
    location = django_tables2.Column("Fulfillment Location", accessor="location__code")
    stock_location = django_tables2.Column(
        "Stock Location", accessor="stock_location__display_name"
    )
    on_hand = django_tables2.Column(
        "On Hand",
        accessor="quantity",
        linkify=lambda record: f"/stock/{record.location.code}/{record.product.product_id}/",
    )

    class Meta:
        template_name = "django_tables2/bootstrap5.html"


def library(request: HttpRequest) -> str:
    """Fifty model instances with what they refer to, and no count."""
    rows = (
        StockOnHand.objects.filter(location__is_inventory_master=True)
        .exclude(stock_location__name=StockLocation.IN_TRANSIT)
        .annotate(
            price=FilteredRelation(
                "product__prices", condition=Q(product__prices__pricebook=F("location__pricebook"))
            ),
            amount=F("price__value"),
        )
        .select_related("product", "location__pricebook", "stock_location")
        .order_by("location_id", "product_id", "stock_location_id")
    )
    return LibraryTable(rows[:ROWS]).as_html(request)


class ViewedStock(models.Model):
    """Stock with one column as its key, which the admin cannot do without: a database view."""

    id = models.BigIntegerField(primary_key=True)
    location = models.ForeignKey(FulfillmentLocation, models.DO_NOTHING, related_name="+")
    product = models.ForeignKey(Product, models.DO_NOTHING, related_name="+")
    stock_location = models.ForeignKey(StockLocation, models.DO_NOTHING, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        app_label = "inventory"
        managed = False
        db_table = "bench_stock"
        # The admin then adds no key of its own to the order, so that an index serves it.
        unique_together = [("location", "product", "stock_location")]


VIEW = """
CREATE OR REPLACE VIEW bench_stock AS
SELECT (location_id::bigint << 40) + (product_id::bigint << 8) + stock_location_id AS id,
       location_id, product_id, stock_location_id, quantity
  FROM inventory_stockonhand
"""


class StockAdmin(admin.ModelAdmin):
    list_display = (
        *("product__name", "product__product_id", "product__sku", "product__size"),
        *("product__color", "location__name", "location__code", "stock_location__display_name"),
        "quantity",
    )
    list_select_related = ("product", "location", "stock_location")
    list_per_page = ROWS
    ordering = ("location", "product", "stock_location")


def changelist(user: User) -> HttpResponse:
    """The admin's own list with its usual settings, two exact counts among them."""
    request = RequestFactory().get("/admin/inventory/viewedstock/")
    request.user = user
    response = StockAdmin(ViewedStock, admin.site).changelist_view(request)
    return response.render()
