"""One integration: its health, its settings, what waits and what went wrong."""

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from omnichannel.web.cells import grouped, stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, Section

from .. import plots, queries, tables
from ..models import Attempt, Delivery, Integration, LogEntry
from ..permissions import VIEW_TOOLS
from .places import STREAM, integration_of

LATEST = 20


class IntegrationDetail(DetailPage):
    crumbs = STREAM
    permission_required = VIEW_TOOLS

    def get_object(self) -> Integration:
        return integration_of(self)

    def buttons(self, found: Integration) -> Iterable[Button]:
        def to(name: str) -> str:
            return reverse(f"eventstream:{name}", args=[found.name])

        if found.status == Integration.Status.RUNNING:
            yield Button(_("Stop"), to("stop"), "square")
        else:
            yield Button(_("Start"), to("start"), "play")
        yield Button(_("Change"), to("change"), "pencil")
        if found.type == Integration.Type.PERMANENT:
            yield Button(_("Send a period again"), to("again"), "rotate-ccw")
        if found.target == Integration.Target.WEBHOOK:
            yield Button(_("New signing secret"), to("rotate"), "key-round")
        yield Button(_("Delete"), to("delete"), "trash-2")

    def facts(self, found: Integration) -> Iterable[Fact]:
        yield from health_of(found)
        yield Fact(_("Type"), found.get_type_display())
        yield Fact(_("Sends to"), found.callback_url or f"s3://{found.bucket}/{found.key_prefix}")
        if found.target == Integration.Target.WEBHOOK:
            yield Fact(_("API key"), _("stored") if found.sealed_api_key else _("none"))
        asked = [*found.event_filter, *found.entity_filter]
        yield Fact(_("Events"), ", ".join(asked) or _("All"))
        yield Fact(_("From"), stamp_html(found.starts_at, "UTC"))
        yield Fact(_("Until"), stamp_html(found.ends_at, "UTC"))
        yield Fact(_("Registered"), stamp_html(found.created_at, "UTC"))
        if found.previous_secret_until:
            until = stamp_html(found.previous_secret_until, "UTC")
            yield Fact(_("The former secret signs until"), until)

    def sections(self, found: Integration) -> Iterable[Section]:
        words = f"?integration={found.name}"
        yield Section(
            _("Rejected events"),
            tables.RejectedOfOne,
            Delivery.objects.filter(integration=found, state=Delivery.State.REJECTED).order_by(
                "id"
            ),
            _("The receiver rejected nothing."),
            link=(_("Send again"), reverse("eventstream:rejected") + words),
        )
        yield Section(
            _("Latest attempts"),
            tables.TriesOfOne,
            Attempt.objects.filter(integration=found).order_by("-attempted_at", "-id"),
            _("Nothing was sent yet."),
            limit=LATEST,
            link=(_("All"), reverse("eventstream:attempts") + words),
        )
        yield Section(
            _("Log"),
            tables.LogOfOne,
            LogEntry.objects.filter(integration=found).order_by("-id"),
            limit=LATEST,
            link=(_("All"), reverse("eventstream:log") + words),
        )

    def extra_context(self, found: Integration) -> dict[str, Any]:
        is_running = found.status == Integration.Status.RUNNING
        badge = {"tone": tables.RUNS[found.status], "word": found.get_status_display()}
        hours = queries.attempts_by_hour(found)
        drawn = plots.bars(hours) if hours else None
        return {
            "badge": render_to_string("eventstream/badge.html", badge),
            "subtitle": "" if is_running else why_stopped(found),
            "head_html": render_to_string("eventstream/plot.html", {"plot": drawn}),
        }


def health_of(found: Integration) -> Iterable[Fact]:
    health = queries.health(found)
    more = "+" if health.is_more else ""
    yield Fact(_("Waiting"), f"{grouped(health.waiting)}{more}")
    yield Fact(_("Oldest waiting"), stamp_html(health.oldest_at, "UTC"))
    yield Fact(_("Rejected"), str(health.rejected), _("room for %d more") % health.free)
    if found.failures:
        yield Fact(_("Failures in a row"), str(found.failures))
        yield Fact(_("Next try"), stamp_html(found.resume_at, "UTC"))
    yield Fact(_("Last success"), stamp_html(found.last_success_at, "UTC") or _("never"))
    yield Fact(_("Last failure"), stamp_html(found.last_failure_at, "UTC") or _("never"))


def why_stopped(found: Integration) -> str:
    """The reason that stands in its log."""
    stops = LogEntry.objects.filter(integration=found, action=LogEntry.Action.STOPPED)
    return stops.order_by("-id").values_list("reason", flat=True).first() or ""
