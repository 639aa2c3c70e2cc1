"""What was published, what became of it, and what happened to the integrations."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from omnichannel.web.lists import ListPage
from omnichannel.web.shell import Item

from .. import filters, tables
from ..models import Delivery
from ..permissions import VIEW_TOOLS
from .rejecting import DROP, SEND_AGAIN

TOOLS = (_("Tools"), (_("Event Stream"), "eventstream:integrations"))


class IntegrationList(ListPage):
    title = _("Event Stream")
    crumbs = (_("Tools"),)
    permission_required = VIEW_TOOLS
    table, filterset = tables.IntegrationTable, filters.IntegrationFilters
    makers = (
        Item(_("New integration"), "eventstream:new", "plus", VIEW_TOOLS),
        Item(_("Events"), "eventstream:events", "list", VIEW_TOOLS),
        Item(_("Attempts"), "eventstream:attempts", "send", VIEW_TOOLS),
        Item(_("Rejected events"), "eventstream:rejected", "circle-alert", VIEW_TOOLS),
        Item(_("Log"), "eventstream:log", "scroll-text", VIEW_TOOLS),
    )
    empty_text = _(
        "An integration is somebody who is told of every receipt, adjustment, transfer and count: an ERP's address. Make one, try its address, and every fact from then on is delivered, also after an outage."
    )


class EventList(ListPage):
    title = _("Events")
    crumbs = TOOLS
    permission_required = VIEW_TOOLS
    table, filterset = tables.EventTable, filters.EventFilters
    empty_text = _(
        "Every fact that an integration asked for stands here for 30 days. Without an integration nothing is kept."
    )


class AttemptList(ListPage):
    title = _("Attempts")
    crumbs = TOOLS
    permission_required = VIEW_TOOLS
    table, filterset = tables.AttemptTable, filters.AttemptFilters
    empty_text = _("Every try to deliver an event stands here with the answer.")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(integration__deleted_at=None)


class RejectedList(ListPage):
    title = _("Rejected events")
    crumbs = TOOLS
    permission_required = VIEW_TOOLS
    table, filterset = tables.RejectedTable, filters.RejectedFilters
    acts = (SEND_AGAIN, DROP)
    empty_text = _(
        "What a receiver answered with 400 is set aside here, 30 events for each integration, to be looked at and sent again."
    )

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset().filter(state=Delivery.State.REJECTED)
        return rows.filter(integration__deleted_at=None)


class LogList(ListPage):
    title = _("Log")
    crumbs = TOOLS
    permission_required = VIEW_TOOLS
    table, filterset = tables.LogTable, filters.LogFilters
    empty_text = _("Starts, stops and retries of the integrations stand here with their reason.")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(integration__deleted_at=None)
