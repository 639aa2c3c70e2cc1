"""Files of one count: *Export*, *Zone Totals* and *By zone*, with the documented names (PRODUCT §7)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from omnichannel.web.columns import FORMULA_SAFE
from omnichannel.web.export import chunks, file_name
from omnichannel.web.pages import KitPage
from omnichannel.web.workbook import TooManyRows, workbook_response

from .. import queries
from ..models import Count
from ..reconciliation import lines_as_sql, values_of
from .places import SEEING, count_of, currency_of

CODE = """(SELECT value FROM catalog_productidentifier AS code
   WHERE code.product_id = product.id AND upper(code.type) IN ('EAN', 'UPC')
   ORDER BY upper(code.type), code.id LIMIT 1)"""
PRODUCT = """{product_id} AS "Product ID", {code} AS "EAN or UPC", {name} AS "Product Name",
       {size} AS "Size", {color} AS "Color\""""
ALL_LINES = """
SELECT {product}, price AS "Price", coalesce(counted, {uncounted}) AS "Counted Quantity",
       {book} AS "On-hand Quantity", {delta} AS "Quantity Variance",
       {delta} * price AS "Monetary Variance", {zones} AS "Count Zone"
  FROM decided JOIN catalog_product AS product ON product.id = decided.product_id
  LEFT JOIN (SELECT product_id, string_agg(name || ' (' || units || ')', '; '
                                           ORDER BY name_key, id) AS zones
               FROM ({found}) AS f GROUP BY product_id) AS held
    ON held.product_id = decided.product_id
 ORDER BY decided.product_id
"""
ZONE_TOTALS = """
SELECT {zone} AS "Count Zone", coalesce(units, 0) AS "Counted Quantity"
  FROM ({zones}) AS zone(id, name, a, b, c, d, e, f, g, units, h, i, j)
"""
BY_ZONE = """
SELECT {zone} AS "Count Zone", {product}, units AS "Counted Quantity"
  FROM ({found}) AS zone JOIN catalog_product AS product ON product.id = zone.product_id
 ORDER BY zone.name_key, zone.id, product.id
"""


def safe(column: str) -> str:
    return FORMULA_SAFE.format(column)


def of_product() -> str:
    fields = ("product_id", "name", "size", "color")
    columns = {field: safe(f"product.{field}") for field in fields}
    return PRODUCT.format(code=safe(CODE), **columns)


def all_lines(count: Count, sees_book: bool) -> str:
    """A row per product; who counts blind gets no number of the book."""
    return lines_as_sql(count) + ALL_LINES.format(
        product=of_product(),
        uncounted="0" if count.is_full else "NULL",
        book="book" if sees_book else "NULL::int",
        delta="delta" if sees_book else "NULL::int",
        zones=safe("coalesce(held.zones, '')"),
        found=queries.FOUND,
    )


def zone_totals(count: Count, sees_book: bool) -> str:
    return ZONE_TOTALS.format(zone=safe("zone.name"), zones=queries.ZONES)


def by_zone(count: Count, sees_book: bool) -> str:
    return BY_ZONE.format(zone=safe("zone.name"), product=of_product(), found=queries.FOUND)


KINDS = {"lines": all_lines, "zone-totals": zone_totals, "by-zone": by_zone}


class ExportCount(KitPage):
    """One of the three files, straight out of the database."""

    permission_required = SEEING

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        count = count_of(request.user, kwargs["uuid"])
        kind = kwargs["kind"]
        if kind not in KINDS or (kind != "lines" and not count.is_full):
            raise Http404
        sql = KINDS[kind](count, queries.sees_book(request.user, count))
        titles = {
            "lines": _("Count"),
            "zone-totals": _("Zone Totals"),
            "by-zone": _("By zone"),
        }
        name = file_name(titles[kind], [count.name, count.location.code], [currency_of(count)])
        if request.GET.get("format") == "xlsx":
            try:
                return workbook_response(sql, values_of(count), name)
            except TooManyRows as error:
                return HttpResponse(
                    str(error), status=409, content_type="text/plain; charset=utf-8"
                )
        return StreamingHttpResponse(
            chunks(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)", values_of(count)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
