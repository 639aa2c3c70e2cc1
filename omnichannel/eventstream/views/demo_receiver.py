"""What an ERP would see, in the demo: a real receiver that checks signatures and keeps the last events."""

import json
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from omnichannel.web.pages import KitPage

from .. import demo_receiver
from ..models import Integration, Received
from ..permissions import VIEW_TOOLS
from .places import STREAM, places, pretty

SHOWN = 50
KEPT = 200
MOST_BYTES = 2 * 1024 * 1024
HEADERS = ("Content-Type", "webhook-id", "webhook-timestamp", "webhook-signature")


def refuse_unless_on() -> None:
    if not demo_receiver.is_on():
        raise Http404


class DemoReceiver(KitPage):
    """The page: newest first, each with its headers, its body and whether it was genuine."""

    title = gettext_lazy("Demo receiver")
    crumbs = STREAM
    permission_required = VIEW_TOOLS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Where there is no such page nobody is asked to sign in for it."""
        refuse_unless_on()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = list(Received.objects.order_by("-id")[:SHOWN])
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "places": places(request),
            "received": [(row, pretty(row.body)) for row in rows],
            "integration": Integration.objects.registered().filter(name=demo_receiver.NAME).first(),
        }
        response = render(request, "eventstream/demo_receiver.html", context)
        response["Cache-Control"] = "private, no-store"
        return response


@method_decorator(csrf_exempt, name="dispatch")
class Inbox(View):
    """Where the events arrive: 204 for what is signed, 401 for what is not."""

    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refuse_unless_on()
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        message_id = request.headers.get("webhook-id", "")[:64]
        if len(request.body) > MOST_BYTES or not message_id:
            return JsonResponse({"message": "This is no event."}, status=400)
        if not demo_receiver.is_genuine(request.headers, request.body):
            return JsonResponse({"message": "The signature does not verify."}, status=401)
        try:
            told = json.loads(request.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            return JsonResponse({"message": "This is no event."}, status=400)
        keep(message_id, str(told.get("name", "")), request)
        return HttpResponse(status=204)


def keep(message_id: str, name: str, request: HttpRequest) -> None:
    """Once, however often it comes, as a receiver should; the oldest go."""
    shown = {name: request.headers.get(name, "") for name in HEADERS}
    shown["Authorization"] = "Bearer …" if request.headers.get("Authorization") else ""
    _row, is_new = Received.objects.get_or_create(
        message_id=message_id,
        defaults={
            "name": name[:64],
            "headers": shown,
            "body": request.body.decode(),
            "is_genuine": True,
        },
    )
    if not is_new:
        Received.objects.filter(message_id=message_id).update(times=F("times") + 1)
    last = Received.objects.order_by("-id").values_list("id", flat=True)[KEPT : KEPT + 1]
    Received.objects.filter(id__lte=last[0] if last else 0).delete()
