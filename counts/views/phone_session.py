"""A zone being counted on the phone: scanned, left and resumed, completed once (PRODUCT §7)."""

import re
import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.catalog.models import Product
from omnichannel.catalog.reads import MOST_UNITS, Read, not_one_product
from omnichannel.catalog.scanning import products_of_code
from omnichannel.documents import ActionError
from omnichannel.locations.switches import may_type
from omnichannel.web.scan_pages import FormAct, ScanBatches, ScanForm
from omnichannel.web.scans import LONGEST_CODE, Outcome, Scan

from .. import actions, queries
from ..actions.observing import OLDEST
from ..models import Count, Observation, RecountRequest, ZoneSession
from .phone import PhonePage
from .phone_running import Running, in_time, result, running
from .phone_scanning import take_scans
from .phone_scope import decides, is_his, may_take_over, session_of, work_of

NUMBER = re.compile(r"[-\u2212]?[0-9]{1,9}")


def totals_html(request: HttpRequest, session: ZoneSession, now: Running) -> str:
    context = {
        "session": session,
        "count": session.count,
        "now": now,
        "types": may_type(work_of(session.count)),
        "key": str(uuid.uuid4()),
    }
    return render_to_string("counts/phone_totals.html", context, request)


class SessionPage(ScanForm, PhonePage):
    """The zone in the hand; with scripts its scans go to `SessionScans`."""

    def document(self) -> ZoneSession:
        return session_of(self.request.user, self.kwargs["uuid"])

    # ------------------------------------------------------------ acts of the form
    def scan(self, session: ZoneSession, about: str) -> HttpResponse:
        asked = self.request.POST
        units = number_of(asked.get("quantity", "1"))
        if units is None:
            fault = _("“%s” is no quantity.") % asked.get("quantity", "")[:20]
            return self.show(session, fault=fault, status=400)
        read = Read(
            self.key(),
            asked.get("code", "").strip()[:LONGEST_CODE],
            units,
            timezone.now(),
            asked.get("product", "")[:LONGEST_CODE],
        )
        taken = take_scans(session, [read], self.request.user)  # type: ignore[arg-type]
        return self.show(session, said=taken.outcomes[0], now=taken.running)

    def less(self, session: ZoneSession, about: str) -> HttpResponse:
        """One unit of a product back."""
        row = running(session).by_product
        product = Product.objects.filter(product_id=about, pk__in=row).first()
        if product and row[product.pk].units > 0:
            read = Read(self.key(), product.product_id, -1, timezone.now(), product.product_id)
            take_scans(session, [read], self.request.user)  # type: ignore[arg-type]
        return redirect("counts:phone-session", session.uuid)

    def settle(self, session: ZoneSession, about: str) -> HttpResponse:
        """What an unknown code is: its units are seen as the product's, at the time of their scan."""
        typed = self.request.POST.get("means", "").strip()
        found = products_of_code(typed)
        if len(found) != 1:
            return self.show(session, fault=not_one_product(typed), status=400)
        unknown = in_time(session).filter(product__isnull=True, code=about)
        units = sum(unknown.values_list("quantity", flat=True))
        newest = unknown.order_by("-observed_at").first()
        if newest and units:
            self.settled(session, newest, units, found[0])
        return redirect("counts:phone-session", session.uuid)

    def settled(
        self, session: ZoneSession, newest: Observation, units: int, product: Product
    ) -> None:
        age = min((timezone.now() - newest.observed_at).total_seconds(), OLDEST)
        # Named after what they settle, so that a form sent twice settles once.
        place = f"{newest.pk}:{units}"
        seen = [
            actions.Seen(f"was:{place}", -units, age, None, newest.code),
            actions.Seen(f"is:{place}", units, age, product.pk, newest.code),
        ]
        with transaction.atomic(durable=True):
            actions.observe(pk=session.pk, seen=seen, by=self.request.user)  # type: ignore[arg-type]

    def complete(self, session: ZoneSession, about: str) -> HttpResponse:
        with transaction.atomic(durable=True):
            actions.complete_zone(pk=session.pk, by=self.request.user)  # type: ignore[arg-type]
        return redirect("counts:phone-session", session.uuid)

    def drop(self, session: ZoneSession, about: str) -> HttpResponse:
        with transaction.atomic(durable=True):
            actions.drop_session(pk=session.pk, by=self.request.user)  # type: ignore[arg-type]
        messages.success(self.request, _("You have left it. What was counted here before stays."))
        return redirect("counts:phone-count", session.count.uuid)

    ACTS: ClassVar[dict[str, FormAct]] = {
        "scan": scan,
        "less": less,
        "settle": settle,
        "complete": complete,
        "drop": drop,
    }

    # ------------------------------------------------------------ the page
    def show(
        self,
        session: ZoneSession,
        *,
        fault: str = "",
        said: Outcome | None = None,
        now: Running | None = None,
        status: int = 200,
    ) -> HttpResponse:
        session = session_of(self.request.user, session.uuid)
        user: Any = self.request.user
        runs = session.count.status == Count.Status.IN_PROGRESS
        context: dict[str, Any] = {
            "title": session.zone.name or session.count.name,
            "session": session,
            "count": session.count,
            "fault": fault,
        }
        if runs and is_his(session, user):
            context |= {
                "now": now or running(session),
                "said": said,
                "key": str(uuid.uuid4()),
                "longest": LONGEST_CODE,
                "most": MOST_UNITS,
                "types": may_type(work_of(session.count)),
                "chosen": self.request.GET.get("product", "")[:LONGEST_CODE],
                "wanted": wanted_elsewhere(session),
            }
            return self.answer("counts/phone_session.html", context, status)
        context |= {
            "is_completed": session.status == ZoneSession.Status.COMPLETED,
            "may_take_over": runs and may_take_over(user),
            "decides": decides(user, session.count),
            "runs": runs,
            **(result(session) if session.status == ZoneSession.Status.COMPLETED else {}),
        }
        return self.answer("counts/phone_result.html", context, status)


class SessionScans(ScanBatches, PhonePage):
    gone = gettext_lazy("This zone is not yours, or not there any more.")

    def document(self) -> ZoneSession:
        return session_of(self.request.user, self.kwargs["uuid"])

    def take(self, document: ZoneSession, batch: list[Scan]) -> tuple[list[Outcome], str]:
        reads = [read_of(scan) for scan in batch]
        taken = take_scans(document, reads, self.request.user)  # type: ignore[arg-type]
        return taken.outcomes, totals_html(self.request, document, taken.running)


def read_of(scan: Scan) -> Read:
    product = scan.fields.get("product", "")[:LONGEST_CODE]
    return Read(scan.key, scan.code, scan.quantity, scan.at, product)


class SessionAlive(PhonePage):
    """The device is at it still; answered with what is wanted elsewhere, or 410 when it is not his."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        session = session_of(request.user, kwargs["uuid"])
        try:
            actions.keep_alive(pk=session.pk, by=request.user)  # type: ignore[arg-type]
        except ActionError as refused:
            return HttpResponse(str(refused), status=410, content_type="text/plain")
        context = {"wanted": wanted_elsewhere(session), "session": session}
        return self.answer("counts/phone_wanted_here.html", context)


def wanted_elsewhere(session: ZoneSession) -> QuerySet[RecountRequest]:
    """Recounts that somebody waits for, without those that this session is doing."""
    doing = {"zone": session.zone_id}
    if session.product_id:
        doing["product"] = session.product_id
    return queries.open_recounts(session.count).exclude(**doing)


def number_of(text: str) -> int | None:
    """A whole number, also below zero; None for what is none."""
    typed = text.strip()
    return int(typed.replace("\u2212", "-")) if NUMBER.fullmatch(typed) else None
