"""One event: its payload as it is sent, to whom it went, and every try."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.web.cells import stamp_html
from omnichannel.web.details import DetailPage, Fact, Section, one

from .. import tables
from ..models import Attempt, Delivery, Event
from ..permissions import VIEW_TOOLS
from .places import STREAM, pretty


class EventDetail(DetailPage):
    crumbs = (*STREAM, (gettext_lazy("Events"), "eventstream:events"))
    permission_required = VIEW_TOOLS
    template_name = "eventstream/event.html"

    def get_object(self) -> Event:
        return one(Event.objects.visible_to(self.request.user), uuid=self.kwargs["uuid"])

    def get_title(self, found: Event) -> str:
        return found.name

    def facts(self, found: Event) -> Iterable[Fact]:
        yield Fact(_("Published"), stamp_html(found.published_at, "UTC"), "UTC")
        yield Fact(_("Domain Entity ID"), found.entity_id)
        yield Fact(_("Message ID"), found.uuid)

    def sections(self, found: Event) -> Iterable[Section]:
        yield Section(
            _("Integrations"),
            tables.DeliveryTable,
            Delivery.objects.filter(event=found, integration__deleted_at=None).order_by("id"),
            _("No integration asked for it."),
        )
        yield Section(
            _("Attempts"),
            tables.TriesOfEvent,
            Attempt.objects.filter(delivery__event=found, integration__deleted_at=None).order_by(
                "-attempted_at", "-id"
            ),
            _("It was not sent yet."),
            limit=200,
        )

    def extra_context(self, found: Event) -> dict[str, Any]:
        return {"payload": pretty(found.body)}
