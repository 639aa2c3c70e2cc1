"""Reservations of customers: what is set aside, for whom, and its release (PRODUCT §9)."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnichannel.documents import ActionError
from omnichannel.eventstream.sent import events_sent
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.acts import Act
from omnichannel.web.cells import stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, Section, one
from omnichannel.web.lists import ListPage
from omnichannel.web.pages import KitPage
from omnichannel.web.totals import Total

from .. import actions, filters, permissions, queries, tables
from ..models import CustomerReservation, CustomerReservationItem
from .lists import INVENTORY

RESERVATIONS = (gettext_lazy("Reservations"), "inventory:reservations")
MOST_AT_ONCE = 100
Status = CustomerReservation.Status


def ask_about(request: HttpRequest, uuids: list[str]) -> HttpResponseBase:
    """The chosen rows of the list, before anything is put back."""
    return Release.as_view()(request, uuids=uuids)


RELEASE = Act(
    "release",
    gettext_lazy("Release"),
    "undo-2",
    permissions.ADJUST_INVENTORY,
    ask_about,
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


class Result(NamedTuple):
    reservation: CustomerReservation
    text: str
    is_done: bool


class Release(KitPage):
    """Put back what is still set aside: of one reservation, or of those that a list chose."""

    title = gettext_lazy("Release these reservations?")
    crumbs = (*INVENTORY, RESERVATIONS)
    permission_required = permissions.ADJUST_INVENTORY
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest, uuid: UUID | None = None) -> HttpResponse:
        one(self.mine, uuid=uuid)
        return self.ask([str(uuid)])

    def post(
        self, request: HttpRequest, uuid: UUID | None = None, uuids: list[str] | None = None
    ) -> HttpResponse:
        if uuids is not None:
            return self.ask(uuids)
        if uuid is not None:
            one(self.mine, uuid=uuid)
        found = self.named([str(uuid)] if uuid else request.POST.getlist("reservation"))
        results = [self.release(reservation) for reservation in found]
        if uuid is not None and results[0].is_done:
            messages.success(request, results[0].text)
            return redirect("inventory:reservation", uuid)
        context = {**self.context(), "results": results}
        is_refused = uuid is not None
        return render(
            request, "inventory/released.html", context, status=409 if is_refused else 200
        )

    @cached_property
    def mine(self) -> QuerySet:
        """Of the stores that he acts for; others are as unknown (PRODUCT §3)."""
        stores = FulfillmentLocation.objects.acted_for_by(self.request.user)
        return CustomerReservation.objects.filter(location__in=stores.values("pk"))

    def named(self, texts: list[str]) -> list[CustomerReservation]:
        ids = [text for text in texts[:MOST_AT_ONCE] if is_uuid(text)]
        rows = self.mine.filter(uuid__in=ids).select_related("location")
        found = {str(row.uuid): row for row in rows.annotate(units=queries.UNITS_SET_ASIDE)}
        return [found[name] for name in dict.fromkeys(ids) if name in found]

    def ask(self, uuids: list[str]) -> HttpResponse:
        found = self.named(uuids)
        context = {
            **self.context(),
            "reservations": found,
            "units": sum(reservation.units for reservation in found),  # type: ignore[attr-defined]
            "key": uuid4(),
        }
        return render(self.request, "inventory/release.html", context)

    def release(self, reservation: CustomerReservation) -> Result:
        user: Any = self.request.user
        key = f"release:{reservation.uuid}:{self.request.POST.get('key', '')}"[:150]
        try:
            with transaction.atomic(durable=True):
                units = actions.release_reservation(pk=reservation.pk, by=user, key=key)
        except ActionError as refused:
            return Result(reservation, str(refused), False)
        told = ngettext("%d unit is back on its shelf.", "%d units are back on their shelf.", units)
        return Result(reservation, told % units, True)

    def context(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "crumbs": self.trail(),
            "back": reverse("inventory:reservations"),
        }


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
