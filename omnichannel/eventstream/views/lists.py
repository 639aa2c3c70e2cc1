"""What was published, what became of it, and what happened to the integrations."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omnichannel.web.lists import ListPage
from omnichannel.web.shell import Item

from .. import filters, tables
from ..models import Delivery
from ..permissions import VIEW_TOOLS
from .places import STREAM, places
from .rejecting import DROP, SEND_AGAIN


class StreamList(ListPage):
    """A list of the event stream, with the way to the others."""

    crumbs: Any = STREAM
    permission_required = VIEW_TOOLS

    def extra_context(self) -> dict[str, Any]:
        if self.is_part:
            return {}
        return {"head_html": places(self.request), "subtitle": gettext("Times are UTC.")}


class IntegrationList(StreamList):
    title = _("Event Stream")
    crumbs = (_("Tools"),)
    table, filterset = tables.IntegrationTable, filters.IntegrationFilters
    makers = (Item(_("New integration"), "eventstream:new", "plus", VIEW_TOOLS),)
    empty_text = _(
        "An integration is somebody who is told of every receipt, adjustment, transfer and count: an ERP's address. Register one, and every fact from then on is delivered, also after an outage."
    )


class EventList(StreamList):
    title = _("Events")
    table, filterset = tables.EventTable, filters.EventFilters
    empty_text = _(
        "Every receipt, adjustment, transfer and count that was completed stands here for 30 days, with what became of it."
    )


class OfRegistered(StreamList):
    """Rows of integrations that were not deleted."""

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(integration__deleted_at=None)


class AttemptList(OfRegistered):
    title = _("Attempts")
    table, filterset = tables.AttemptTable, filters.AttemptFilters
    empty_text = _("Every try to deliver an event stands here with the answer.")


class RejectedList(OfRegistered):
    title = _("Rejected events")
    table, filterset = tables.RejectedTable, filters.RejectedFilters
    acts = (SEND_AGAIN, DROP)
    empty_text = _(
        "What a receiver answered with 400 is set aside here, 30 events for each integration, to be looked at and sent again."
    )

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(state=Delivery.State.REJECTED)


class LogList(OfRegistered):
    title = _("Log")
    table, filterset = tables.LogTable, filters.LogFilters
    empty_text = _("Starts, stops and retries of the integrations stand here with their reason.")
