"""One count: what is known of it, how far it is, and its lines (PRODUCT §7)."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import InventoryTransaction
from omnichannel.jobs.models import Job
from omnichannel.web.cells import badge, due, money, stamp_html
from omnichannel.web.details import Button, DetailPage, Fact
from omnichannel.web.pages import KitPage

from .. import permissions, queries, snapshots, tables
from ..actions import completing
from ..models import Count
from .crumbs import COUNTS
from .lines import context_of
from .places import SEEING, acts_on, count_of, currency_of
from .reversing import late_of

Status = Count.Status
ACTIVATE = (gettext_lazy("Activate count"), "counts:activate", "circle-play")
REVIEW = (gettext_lazy("Review"), "counts:review", "list-checks")
COMPLETE = (gettext_lazy("Complete count"), "counts:complete", "circle-check")
REVERSE = (gettext_lazy("Reverse"), "counts:reverse", "undo-2")
CANCEL = (gettext_lazy("Cancel"), "counts:cancel", "circle-x")


class CountDetail(DetailPage):
    crumbs = COUNTS
    permission_required = SEEING
    template_name = "counts/detail.html"

    def get_object(self) -> Count:
        return count_of(self.request.user, self.kwargs["uuid"])

    def facts(self, found: Count) -> Iterable[Fact]:  # type: ignore[override]
        zone = found.location.time_zone
        yield Fact(_("Type"), found.get_type_display(), _("Blind") if found.is_blind else "")
        yield Fact(_("Store"), found.location.name, found.location.code)
        yield Fact(_("Stock location"), found.stock_location)
        yield Fact(_("Due date"), due_of(found))
        yield Fact(_("External ID"), found.external_id)
        if found.batch.counts.count() > 1:
            yield Fact(
                _("Batch"), linked("counts:batch", found.batch.uuid, _("Counts made together"))
            )
        yield Fact(_("Created by"), name_of(found.by), stamp_html(found.created_at, zone))
        yield Fact(_("Started"), stamp_html(found.started_at, zone), zone)
        yield Fact(_("Completed"), stamp_html(found.completed_at, zone), found.associate_id)
        yield Fact(_("Reason"), found.completion_note)
        if found.cancelled_at:
            by = name_of(found.cancelled_by)
            yield Fact(_("Cancelled"), stamp_html(found.cancelled_at, zone), by)
        if found.transaction:
            url = reverse("inventory:transaction-detail", args=[found.transaction.uuid])
            text = _("Open the transaction")
            yield Fact(_("Transaction"), format_html('<a class="link" href="{}">{}</a>', url, text))
        yield Fact(_("Tolerance"), tolerance_of(found))

    def buttons(self, found: Count) -> Iterable[Button]:  # type: ignore[override]
        user = self.request.user
        is_open = found.status in Count.OPEN
        is_running = found.status == Status.IN_PROGRESS and not found.completion_requested_at
        can_activate = found.is_full and found.status == Status.PENDING
        offered = (
            (can_activate, permissions.ACTIVATE_FULL_COUNTS, ACTIVATE),
            (is_running, permissions.COMPLETE_CYCLE_COUNTS, REVIEW),
            (is_running, permissions.COMPLETE_CYCLE_COUNTS, COMPLETE),
            (is_open, permissions.CANCEL_CYCLE_COUNTS, CANCEL),
            (is_reversible(found), permissions.COMPLETE_CYCLE_COUNTS, REVERSE),
        )
        if found.is_full:
            yield Button(_("Zones"), reverse("counts:zones", args=[found.uuid]), "layout-grid")
        for is_offered, permission, (label, name, icon) in offered:
            if is_offered and acts_on(user, found, permission):
                yield Button(label, reverse(name, args=[found.uuid]), icon)

    def extra_context(self, found: Count) -> dict[str, Any]:
        tone = tables.TONES.get(found.status)
        job = job_of(found)
        return {
            "badge": mark_safe(badge(tone, found.get_status_display())),  # noqa: S308 — a word of ours
            "count": found,
            "job": job,
            "is_live": bool(job and job.is_open),
            "is_waiting": found.is_full and found.status == Status.PENDING,
            "is_counting": found.status == Status.IN_PROGRESS and not found.completion_requested_at,
            "currency": currency_of(found),
            "has_figures": found.status in (Status.IN_PROGRESS, Status.COMPLETED),
            "late_number": len(late_of(found)),
            "reversal": reversal_of(found),
            **progress_of(found),
            **context_of(self.request, found),
        }


class CountProgress(KitPage):
    """How far the counting is, as a part of the page that asks for itself again."""

    permission_required = SEEING

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = count_of(request.user, kwargs["uuid"])
        is_counting = found.status == Status.IN_PROGRESS and not found.completion_requested_at
        context = {"count": found, "is_counting": is_counting, **progress_of(found)}
        response = render(request, "counts/progress.html", context)
        response["Cache-Control"] = "private, no-store"
        if not is_counting:
            # The page has become another one.
            response["HX-Refresh"] = "true"
        return response


def progress_of(count: Count) -> dict[str, Any]:
    if count.status == Status.PENDING:
        return {}
    figures = queries.figures(count)
    return {
        "progress": figures,
        "zones_total": figures.planned_zones + figures.unplanned_zones,
        "recounts": queries.open_recounts(count).count(),
    }


def is_reversible(count: Count) -> bool:
    return (
        count.status == Status.COMPLETED
        and count.location.is_inventory_master
        and reversal_of(count) is None
    )


def reversal_of(count: Count) -> InventoryTransaction | None:
    """The document that took the count's variances back."""
    key = f"reverse-count:{count.uuid}"
    return InventoryTransaction.objects.filter(operation_key=key).first()


def job_of(count: Count) -> Job | None:
    """What a worker does about the count just now, or failed to do."""
    task = completing.TASK if count.completion_requested_at else snapshots.TASK
    job = Job.objects.filter(task=task, key=str(count.uuid)).order_by("-pk").first()
    return None if job is None or job.state == Job.State.DONE else job


def due_of(count: Count) -> SafeString:
    late = tables.CountTable.annotate(Count.objects.filter(pk=count.pk)).values_list("late")[0][0]
    return mark_safe(due(count.due_date, late))  # noqa: S308 — a day and words of ours


def tolerance_of(count: Count) -> str:
    parts = []
    if count.tolerance_units is not None:
        parts.append(_("%d units") % count.tolerance_units)
    if count.tolerance_percent is not None:
        parts.append(f"{count.tolerance_percent} %")
    if count.tolerance_value is not None:
        parts.append(money(count.tolerance_value, currency_of(count)))
    return ", ".join(parts)


def name_of(user: Any) -> str:
    return (user.get_full_name() or user.username) if user else ""


def linked(name: str, key: Any, text: str) -> SafeString:
    return format_html('<a class="link" href="{}">{}</a>', reverse(name, args=[key]), text)
