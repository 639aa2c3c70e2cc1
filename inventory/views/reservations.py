"""Reservations of customers: what is set aside, for whom, and its release (PRODUCT §9)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.eventstream.sent import events_sent
from omnichannel.web.acts import Act
from omnichannel.web.cells import stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, Section, one
from omnichannel.web.lists import ListPage
from omnichannel.web.many import MOST_AT_ONCE
from omnichannel.web.totals import Total

from .. import filters, permissions, queries, tables
from ..models import CustomerReservation, CustomerReservationItem
from .lists import INVENTORY
from .releasing import RESERVATIONS, ReleaseMany

Status = CustomerReservation.Status


RELEASE = Act(
    "release",
    gettext_lazy("Release"),
    "undo-2",
    permissions.ADJUST_INVENTORY,
    ReleaseMany.ask_about,
    MOST_AT_ONCE,
)


class ReservationList(ListPage):
    title = RESERVATIONS[0]
    crumbs = INVENTORY
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.ReservationTable, filters.ReservationFilters
    acts = (RELEASE,)
    totals = (
        Total(
            gettext_lazy("Expired, still set aside"),
            Count(Value(1), filter=queries.EXPIRED),
            {"state": "expired"},
        ),
        Total(
            gettext_lazy("Reserved"),
            Count(Value(1), filter=Q(status=Status.RESERVED)),
            {"status": Status.RESERVED},
        ),
    )
    empty_text = gettext_lazy("What associates set aside for customers appears here.")

    def get_queryset(self) -> QuerySet:
        return CustomerReservation.objects.visible_to(self.request.user)


class ReservationDetail(DetailPage):
    crumbs = (*INVENTORY, RESERVATIONS)
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT

    def get_object(self) -> CustomerReservation:
        seen = CustomerReservation.objects.visible_to(self.request.user)
        return one(seen.select_related("location"), uuid=self.kwargs["uuid"])

    def get_title(self, found: Any) -> str:
        return _("Reservation %s") % found

    def facts(self, found: Any) -> Iterable[Fact]:
        zone = found.location.time_zone
        is_expired = CustomerReservation.objects.expired().filter(pk=found.pk).exists()
        yield Fact(
            _("Status"), _("Expired, still set aside") if is_expired else found.get_status_display()
        )
        yield Fact(_("Customer"), found.customer_profile_id)
        yield Fact(_("Store"), found.location.name, found.location.code)
        yield Fact(_("Associate"), found.associate_id)
        yield Fact(_("Created"), stamp_html(found.created_at, zone), zone)
        yield Fact(_("Expires"), stamp_html(found.expires_at, zone), zone)
        yield Fact(_("Updated"), stamp_html(found.updated_at, zone), zone)

    def buttons(self, found: Any) -> Iterable[Button]:
        may_release = self.request.user.has_perm(permissions.ADJUST_INVENTORY)
        if may_release and found.status == Status.RESERVED:
            yield Button(_("Release"), reverse("inventory:release", args=[found.uuid]), "undo-2")

    def sections(self, found: Any) -> Iterable[Section]:
        items = CustomerReservationItem.objects.filter(reservation=found).order_by("position")
        yield Section(_("Items"), tables.ReservedItemTable, items)
        yield from events_sent(self.request.user, [str(found.uuid)])
