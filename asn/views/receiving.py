"""Receiving on the phone: find what arrived, then scan it (PRODUCT §6)."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.locations.at_store import AtStore
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.locations.switches import Switches
from omnichannel.web.pages import KitPage

from .. import actions, permissions, queries, tables
from ..forms import Arriving
from ..models import Asn, AsnLine, Receipt
from .closing import asn_of
from .plot import parts_of

MOST_SHOWN = 50
MOST_RECEIPTS = 20
MOST_LINES = 300
LONGEST_CODE = 256


class PhonePage(AtStore, KitPage):
    """Whoever may receive, in the store where he stands."""

    title = gettext_lazy("Receive")
    permission_required = permissions.RECEIVE_INVENTORY
    http_method_names = ["get", "head", "options", "post"]


def allowed_to_receive(store: FulfillmentLocation) -> Switches:
    """
    Raises:
        ActionError: the configuration says that this store's phones do not receive.
    """
    at = Switches(store)
    at.refuse_off("receiving", _("Receiving"))
    return at


class Receive(PhonePage):
    """Open and completed notices of the store, sessions to go on with, and a field to scan."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        stores = self.stores()
        here = self.here(stores)
        code = request.GET.get("code", "").strip()[:LONGEST_CODE]
        found = list(self.find(here, code)) if here and code else []
        if here and len(found) == 1:
            return self.lead(found[0], code)
        is_completed = request.GET.get("tab") == "completed"
        context = {
            "stores": stores,
            "here": here,
            "code": code,
            "found": found,
            "is_completed": is_completed,
            "longest": LONGEST_CODE,
            "key": str(uuid.uuid4()),
            **(self.of_store(here, is_completed) if here else {}),
        }
        return self.answer("asn/receive.html", context)

    def find(self, here: FulfillmentLocation, code: str) -> QuerySet[Asn]:
        """By number, order, purchase order and carton; open ones first."""
        ways = (
            {"number": code},
            {"po_number": code},
            {"order_ids__contains": [code]},
            {"lines__carton_id": code},
        )
        mine = Asn.objects.filter(destination=here)
        ids = {
            pk
            for way in ways
            for pk in mine.filter(**way).values_list("pk", flat=True)[:MOST_SHOWN]
        }
        rows = tables.AsnTable.annotate(Asn.objects.filter(pk__in=ids))
        return (
            rows.select_related("origin", "destination")
            .order_by("closed_at", "shipped_at", "pk")
            .reverse()[:MOST_SHOWN]
        )

    def lead(self, asn: Asn, code: str) -> HttpResponse:
        url = reverse("asn:receive-asn", args=[asn.uuid])
        is_carton = AsnLine.objects.filter(asn=asn, carton_id=code).exists()
        return redirect(f"{url}?{urlencode({'carton': code})}" if is_carton else url)

    def of_store(self, here: FulfillmentLocation, is_completed: bool) -> dict[str, Any]:
        sessions = Receipt.objects.filter(location=here, status=Receipt.Status.IN_PROGRESS)
        rows = tables.AsnTable.annotate(Asn.objects.filter(destination=here))
        rows = rows.select_related("origin", "destination")
        if is_completed:
            asns = rows.filter(status=Asn.Status.CLOSED).order_by("-shipped_at", "-pk")
        else:
            asns = rows.exclude(status=Asn.Status.CLOSED).order_by("shipped_at", "pk")
        completed = Receipt.objects.filter(location=here, status=Receipt.Status.COMPLETED)
        completed = completed.exclude(kind=Receipt.Kind.CORRECTION)
        at = Switches(here)
        return {
            "receives": at.is_on("receiving"),
            "without_asn": at.is_on("receiving_without_asn"),
            "asns": list(asns[:MOST_SHOWN]),
            "sessions": list(
                sessions.select_related("asn", "by")
                .annotate(scan_count=Count("scans"))
                .order_by("-pk")[:MOST_RECEIPTS]
            ),
            "receipts": list(completed.select_related("asn").order_by("-pk")[:MOST_RECEIPTS])
            if is_completed
            else [],
        }


class ReceiveAsn(PhonePage):
    """One notice in the hand: its cartons, its items, and what came after it was closed."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(asn_of(request.user, kwargs["uuid"]))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asn = asn_of(request.user, kwargs["uuid"])
        acts = {"begin": self.begin, "carton": self.carton, "late": self.late}
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            return self.show(asn, _("There is no such act here."), 400)
        try:
            return act(asn)
        except ActionError as refused:
            return self.show(asn, str(refused), 409)

    def begin(self, asn: Asn) -> HttpResponse:
        allowed_to_receive(asn.destination)
        with transaction.atomic(durable=True):
            receipt = actions.begin_receipt(by=self.user(), key=self.key("begin"), asn_id=asn.pk)
        return redirect("asn:session", receipt.uuid)

    def carton(self, asn: Asn) -> HttpResponse:
        """Everything that a carton still lacks, in one scan."""
        at = allowed_to_receive(asn.destination)
        at.refuse_off("carton_receiving", _("Receiving by carton"))
        code = self.request.POST.get("code", "").strip()
        session = actions.Session(
            by=self.user(), key=self.key(f"carton:{code}"), kind=Receipt.Kind.CARTON, carton_id=code
        )
        with transaction.atomic(durable=True):
            done = actions.receive_carton(asn_id=asn.pk, carton_id=code, session=session)
        units = sum(done.receipt.lines.values_list("quantity", flat=True))
        words = {"carton": code, "units": units}
        messages.success(self.request, _("Carton %(carton)s is received: %(units)s units.") % words)
        return redirect("asn:receive-asn", asn.uuid)

    def late(self, asn: Asn) -> HttpResponse:
        """What arrives after the close: received, and its fate undone."""
        allowed_to_receive(asn.destination)
        asked = Arriving(self.request.POST, asn)
        items = asked.items()
        if asked.faults:
            return self.show(asn, asked.faults[0], 400)
        session = actions.Session(
            by=self.user(), key=self.key("late"), kind=Receipt.Kind.ITEMS, note=asked.note
        )
        with transaction.atomic(durable=True):
            done = actions.receive_items(asn_id=asn.pk, items=items, session=session, is_late=True)
        return redirect("asn:session", done.receipt.uuid)

    def user(self) -> Any:
        return self.request.user

    def key(self, act: str) -> str:
        """Of the act; the page drew it, so that a form sent twice acts once."""
        drawn = self.request.POST.get("key", "")[:40] or str(uuid.uuid4())
        return f"{act}:{self.request.user.pk}:{drawn}"[:200]

    def show(self, asn: Asn, fault: str = "", status: int = 200) -> HttpResponse:
        asn.refresh_from_db()
        lines = AsnLine.objects.filter(asn=asn).select_related("product").order_by("pk")
        sessions = Receipt.objects.filter(asn=asn, status=Receipt.Status.IN_PROGRESS)
        carton = self.request.GET.get("carton", "") or self.request.POST.get("code", "")
        context = {
            "title": asn.number,
            "asn": asn,
            "object": asn,
            "fault": fault,
            "parts": parts_of(asn),
            "cartons": cartons_of(asn),
            "carton": carton,
            "lines": [(line, f"quantity-{line.pk}") for line in lines[:MOST_LINES]],
            "sessions": sessions.select_related("by").annotate(scan_count=Count("scans")),
            "key": self.request.POST.get("key") or str(uuid.uuid4()),
            "longest": LONGEST_CODE,
            "typed": self.request.POST,
        }
        return self.answer("asn/receive_asn.html", context, status)


def cartons_of(asn: Asn) -> list[dict[str, Any]]:
    """Cartons in the order of the notice: units, and how many of them are still lacking."""
    rows = AsnLine.objects.filter(asn=asn).exclude(carton_id="").order_by("pk")
    found: dict[str, dict[str, Any]] = {}
    for code, expected, lacking in rows.values_list("carton_id", "expected", "in_transit"):
        carton = found.setdefault(code, {"code": code, "units": 0, "lacking": 0})
        carton["units"] += expected
        carton["lacking"] += lacking
    return list(found.values())


class ReceiveBlind(PhonePage):
    """Goods without a notice: a reference, the notices that it might mean, a reason to go on."""

    title = gettext_lazy("Receive without ASN")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        asked, stores = request.POST, self.stores()
        here = next((s for s in stores if s.code == asked.get("store")), None) or self.here(stores)
        shipment, order = (asked.get(name, "").strip()[:256] for name in ("shipment", "order"))
        note = asked.get("note", "").strip()[:2_000]
        if here is None:
            return self.show(asked, _("Choose your store first."), status=400)
        try:
            allowed_to_receive(here).refuse_off("receiving_without_asn", str(self.title))
        except ActionError as refused:
            return self.show(asked, str(refused), status=409)
        if not shipment and not order:
            fault = _("Type what stands on the parcel: a shipment or an order reference.")
            return self.show(asked, fault, status=400)
        offers = queries.matching_asns(here.pk, [text for text in (shipment, order) if text])
        if offers and not note:
            return self.show(asked, offers=offers)
        with transaction.atomic(durable=True):
            receipt = actions.begin_receipt(
                by=request.user,  # type: ignore[arg-type]
                key=f"blind:{request.user.pk}:{asked.get('key', '')[:40] or uuid.uuid4()}",
                location_id=here.pk,
                shipment_ref=shipment,
                order_ref=order,
                note=note,
            )
        return redirect("asn:session", receipt.uuid)

    def show(
        self, words: Any, fault: str = "", offers: list[Asn] | None = None, status: int = 200
    ) -> HttpResponse:
        stores = self.stores()
        context = {
            "stores": stores,
            "here": self.here(stores),
            "words": words,
            "fault": fault,
            "offers": offers or [],
            "key": words.get("key") or str(uuid.uuid4()),
            "longest": LONGEST_CODE,
        }
        return self.answer("asn/receive_blind.html", context, status)
