from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from omnichannel.accounts import admin as accounts
from omnichannel.accounts import permissions as account_permissions
from omnichannel.accounts.models import User
from omnichannel.accounts.site import GatedAdmin

from . import permissions
from .models import FulfillmentLocation, LocationAccess, StockLocation, own_locations


class LocationForm(forms.ModelForm):
    def clean_country_code(self) -> str:
        return self.cleaned_data["country_code"].upper()

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        if name not in available_timezones():
            raise ValidationError(_("No such time zone; write it like Europe/Berlin."))
        return name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        kind = values.get("kind", self.instance.kind)
        if (kind == FulfillmentLocation.Kind.STORE) != bool(values.get("store_id")):
            self.add_error(
                "store_id",
                _("A store has a store ID, a distribution centre has none."),
            )
        return values


@admin.register(FulfillmentLocation)
class FulfillmentLocationAdmin(GatedAdmin):
    """Who masters the stock is switched by its own act with its checks, never here (PRODUCT §8)."""

    view_permissions = (permissions.VIEW_LOCATIONS,)
    edit_permission = permissions.MANAGE_LOCATIONS
    # The ledger names locations for ever; one that closes is disabled.
    deletable = False
    form = LocationForm
    fields = (
        "code",
        "kind",
        "store_id",
        "name",
        "city",
        "country_code",
        "time_zone",
        "pricebook",
        "is_inventory_master",
        "is_enabled",
    )
    list_display = (
        "code",
        "name",
        "kind",
        "country_code",
        "city",
        "time_zone",
        "pricebook",
        "is_inventory_master",
        "is_enabled",
    )
    list_filter = ("kind", "country_code", "is_inventory_master", "is_enabled", "pricebook")
    list_select_related = ("pricebook",)
    search_fields = ("code", "store_id", "name", "city")
    ordering = ("code",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: FulfillmentLocation | None = None
    ) -> tuple[str, ...]:
        # The code is what integrations call the location by.
        return ("is_inventory_master", "code", "kind") if obj else ("is_inventory_master",)


class StockLocationForm(forms.ModelForm):
    class Meta:
        model = StockLocation
        fields = ("name", "display_name")

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if name.startswith("_"):
            raise ValidationError(_("Names that begin with _ belong to the system."))
        if StockLocation.objects.exclude(pk=self.instance.pk).filter(name__iexact=name).exists():
            raise ValidationError(_("There is a stock location of this name."))
        return name


@admin.register(StockLocation)
class StockLocationAdmin(GatedAdmin):
    view_permissions = (permissions.VIEW_LOCATIONS,)
    edit_permission = permissions.MANAGE_LOCATIONS
    form = StockLocationForm
    fields = ("name", "display_name")
    list_display = ("name", "display_name", "is_salable")
    search_fields = ("name", "display_name")
    ordering = ("name",)

    def _is_open(self, stock_location: StockLocation | None) -> bool:
        """Whether it belongs to the shop: the system's own and `main` stay as they are."""
        if stock_location is None:
            return True
        return stock_location.name != StockLocation.MAIN and stock_location.name[0] != "_"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(obj) and super().has_delete_permission(request, obj)


def may_hand_out(user: User | AnonymousUser) -> models.QuerySet[FulfillmentLocation]:
    """The locations that `user` may give to others: those he acts for himself."""
    return FulfillmentLocation.objects.acted_for_by(user).order_by("code")


class LocationAccessInline(admin.TabularInline):
    model = LocationAccess
    extra = 1

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[LocationAccess]:
        rows = super().get_queryset(request).select_related("location", "user")
        return rows.filter(location__in=may_hand_out(request.user)).order_by("location__code")

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        field: Any = super().formfield_for_foreignkey(
            db_field, request, queryset=may_hand_out(request.user), **kwargs
        )
        # One query for the choices of all rows, not one for each.
        field.choices = list(field.choices)
        return field

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            # Locations are made and changed on their own pages.
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return field

    def _may_edit(self, request: HttpRequest, obj: User | None = None) -> bool:
        return request.user.has_perm(account_permissions.MANAGE_USERS_AND_ROLES)

    has_view_permission = has_add_permission = _may_edit
    has_change_permission = has_delete_permission = _may_edit


@admin.register(User)
class PersonAdmin(accounts.UserAdmin):
    inlines = (LocationAccessInline,)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> tuple[type, ...]:
        return self.inlines if obj else ()

    def exceeds(self, user: User, by: Any) -> bool:
        beyond = own_locations(user).exclude(location__in=may_hand_out(by))
        return super().exceeds(user, by) or beyond.exists()
