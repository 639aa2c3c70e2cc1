"""Reasons are edited here; of stock and its documents the admin only reads."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from omnichannel.accounts.site import GatedAdmin, ReadOnlyAdmin
from omnichannel.locations.models import StockLocation

from . import permissions
from .models import AdjustmentReason, InventoryTransaction, LedgerVerification

SHOWN_LINES = 500


@admin.register(AdjustmentReason)
class AdjustmentReasonAdmin(GatedAdmin):
    view_permissions = (permissions.VIEW_INVENTORY_MANAGEMENT,)
    edit_permission = permissions.MODIFY_REASON_CODES
    fields = ("type", "subtype", "origin", "destination", "states_truth", "is_active")
    list_display = ("type", "subtype", "origin", "destination", "is_active")
    list_filter = ("type", "is_active")
    list_select_related = ("origin", "destination")
    search_fields = ("type", "subtype")
    ordering = ("type", "subtype")

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        # What is set aside or on its way moves by its own documents, never by an adjustment.
        kwargs["queryset"] = StockLocation.objects.exclude(name__startswith="_").order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(InventoryTransaction)
class InventoryTransactionAdmin(ReadOnlyAdmin):
    view_permissions = ("inventory.view_inventorytransaction",)
    fields = (
        "type",
        "status",
        "location",
        "reference",
        "reason",
        "note",
        "from_location",
        "to_location",
        "from_stock_location",
        "to_stock_location",
        "associate_id",
        "by",
        "started_at",
        "completed_at",
        "corrects",
        "uuid",
        "typed_lines",
    )
    readonly_fields = ("typed_lines",)
    list_display = (
        "type",
        "reference",
        "location",
        "reason",
        "associate_id",
        "status",
        "started_at",
        "completed_at",
    )
    list_filter = ("type", "status")
    list_select_related = ("location", "reason")
    show_full_result_count = False
    search_fields = ("=reference", "=location__code")
    ordering = ("-completed_at", "-id")

    @admin.display(description=_("lines"))
    def typed_lines(self, transaction: InventoryTransaction) -> SafeString:
        lines = transaction.lines.select_related(
            "product", "from_stock_location", "to_stock_location"
        ).order_by("position")
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (
                    line.position,
                    line.product,
                    line.quantity,
                    line.from_stock_location or "",
                    line.to_stock_location or "",
                )
                for line in lines[:SHOWN_LINES]
            ),
        )
        head = format_html_join(
            "",
            "<th>{}</th>",
            ((name,) for name in (_("Line"), _("Product"), _("Quantity"), _("From"), _("To"))),
        )
        table = format_html("<table><tr>{}</tr>{}</table>", head, rows)
        left = lines.count() - SHOWN_LINES
        return format_html("{}{}", table, _("and %d more") % left) if left > 0 else table


@admin.register(LedgerVerification)
class LedgerVerificationAdmin(ReadOnlyAdmin):
    view_permissions = ("inventory.view_ledgerverification",)
    list_display = ("started_at", "finished_at", "movements", "stock_rows", "differences")
    ordering = ("-started_at", "-pk")
