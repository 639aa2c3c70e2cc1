"""The tray in the shell and its page: what runs for me, how far it is, and the end of it (UI §7.24)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from omnichannel.documents import ActionError

from . import actions
from .models import VIEW_TOOLS, Job

IN_THE_TRAY = 8
ON_A_PAGE = 50


@require_safe
@login_required
def jobs(request: HttpRequest) -> HttpResponse:
    """The newest jobs, or those before `?before=`; without scripts the bell leads here."""
    seen = Job.objects.visible_to(request.user).select_related("owner").order_by("-id")
    before = request.GET.get("before", "")
    if before:
        seen = seen.filter(id__lt=one(request, uuid=before).pk)
    found = list(seen[: ON_A_PAGE + 1])
    context = {
        "jobs": found[:ON_A_PAGE],
        "next": found[ON_A_PAGE - 1].uuid if len(found) > ON_A_PAGE else "",
        "sees_all": request.user.has_perm(VIEW_TOOLS),
    }
    return private(render(request, "jobs/page.html", context))


@require_safe
@login_required
def tray(request: HttpRequest) -> HttpResponse:
    """My own newest jobs; the script asks for it and swaps it in."""
    return private(render(request, "jobs/tray.html", tray_of(request)))


@login_required
@require_POST
def cancel(request: HttpRequest, uuid: str) -> HttpResponse:
    return act(request, uuid, actions.cancel)


@login_required
@require_POST
def retry(request: HttpRequest, uuid: str) -> HttpResponse:
    return act(request, uuid, actions.retry)


def act(request: HttpRequest, uuid: str, verb: Any) -> HttpResponse:
    job = one(request, uuid=uuid)
    refusal = ""
    try:
        with transaction.atomic():
            verb(pk=job.pk)
    except ActionError as refused:
        refusal = str(refused)
    if request.headers.get("X-Tray"):
        context = {**tray_of(request), "refusal": refusal}
        return private(render(request, "jobs/tray.html", context))
    if refusal:
        messages.error(request, refusal)
    return redirect("jobs:list")


def one(request: HttpRequest, *, uuid: str) -> Job:
    """The job of that uuid; one that is not the user's to see is none."""
    try:
        return Job.objects.visible_to(request.user).get(uuid=uuid)
    except (Job.DoesNotExist, ValidationError) as unknown:
        raise Http404 from unknown


def tray_of(request: HttpRequest) -> dict[str, Any]:
    mine = Job.objects.filter(owner=request.user.pk)
    return {
        "jobs": mine.select_related("owner").order_by("-id")[:IN_THE_TRAY],
        "running": mine.open().count(),
    }


def private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
