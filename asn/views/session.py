"""A receiving session on the phone: scanned, left and resumed, completed once (PRODUCT §6)."""

import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.catalog.reads import not_one_product
from omnichannel.catalog.scanning import products_of_code
from omnichannel.documents import ActionError
from omnichannel.locations.switches import may_type
from omnichannel.web.details import one
from omnichannel.web.scan_pages import FormAct, ScanBatches, ScanForm
from omnichannel.web.scans import LONGEST_CODE, Outcome, Scan

from .. import actions, permissions
from ..models import Asn, Receipt, ReceiptScan
from .running import Running, left_out, running
from .scanning import Read, damage_reasons, take_scans


def session_of(user: Any, asked: Any) -> Receipt:
    """A session at a location where the user acts, or 404."""
    rows = Receipt.objects.visible_to(user).exclude(kind=Receipt.Kind.CORRECTION)
    related = ("asn", "asn__origin", "asn__destination", "location", "by", "transaction")
    return one(rows.select_related(*related), uuid=asked)


def totals_html(request: HttpRequest, receipt: Receipt, now: Running) -> str:
    context = {"receipt": receipt, "now": now, "left_out": left_out(receipt)}
    return render_to_string("asn/session_totals.html", context, request)


class SessionPage(ScanForm):
    """The session in the hand; with scripts its scans go to `SessionScans`."""

    permission_required = permissions.RECEIVE_INVENTORY

    def document(self) -> Receipt:
        return session_of(self.request.user, self.kwargs["uuid"])

    def refused(self, document: Receipt, refusal: ActionError) -> HttpResponse:
        offers = refusal.asns if isinstance(refusal, actions.AsnOffered) else []
        return self.show(document, fault=str(refusal), offers=offers, status=409)

    # ------------------------------------------------------------ acts of the form
    def scan(self, receipt: Receipt, about: str) -> HttpResponse:
        asked = self.request.POST
        taken = take_scans(
            receipt,
            [
                Read(
                    self.key(),
                    asked.get("code", "").strip()[:LONGEST_CODE],
                    number_of(asked.get("quantity", "1")),
                    timezone.now(),
                    bool(asked.get("damaged")),
                    asked.get("reason", ""),
                )
            ],
        )
        return self.show(receipt, said=taken.outcomes[0], now=taken.running)

    def less(self, receipt: Receipt, about: str) -> HttpResponse:
        """One unit of a product back, the newest scan of it first."""
        newest = (
            receipt.scans.filter(product__product_id=about, quantity__gt=0).order_by("-pk").first()
        )
        if newest and newest.product_id:
            taken_back = actions.Scan(
                self.key(),
                newest.code,
                newest.product_id,
                -1,
                timezone.now(),
                *self.less_of(receipt, newest),
            )
            with transaction.atomic(durable=True):
                actions.record_scans(receipt_id=receipt.pk, scans=[taken_back])
        return redirect("asn:session", receipt.uuid)

    def less_of(self, receipt: Receipt, newest: ReceiptScan) -> tuple[bool, int | None]:
        return newest.is_damaged, newest.reason_id

    def settle(self, receipt: Receipt, about: str) -> HttpResponse:
        """What an unknown code is: a product that was chosen, or the code of one that is known."""
        typed = self.request.POST.get("means", "").strip()
        found = products_of_code(typed)
        if len(found) != 1:
            return self.show(receipt, fault=not_one_product(typed), status=400)
        self.settled(receipt, about, found[0].pk)
        return redirect("asn:session", receipt.uuid)

    def leave(self, receipt: Receipt, about: str) -> HttpResponse:
        self.settled(receipt, about, None)
        return redirect("asn:session", receipt.uuid)

    def settled(self, receipt: Receipt, code: str, product_id: int | None) -> None:
        with transaction.atomic(durable=True):
            actions.settle_code(receipt_id=receipt.pk, code=code, product_id=product_id)

    def complete(self, receipt: Receipt, about: str) -> HttpResponse:
        note = self.request.POST.get("note")
        with transaction.atomic(durable=True):
            actions.complete_receipt(
                receipt_id=receipt.pk,
                by=self.request.user,  # type: ignore[arg-type]
                note=note[:2_000] if note is not None else None,
            )
        return redirect("asn:session", receipt.uuid)

    def cancel(self, receipt: Receipt, about: str) -> HttpResponse:
        with transaction.atomic(durable=True):
            actions.cancel_receipt(receipt_id=receipt.pk)
        messages.success(self.request, _("The session is left; nothing was received."))
        return redirect("asn:receive")

    def switch(self, receipt: Receipt, about: str) -> HttpResponse:
        """The announced goods are received against their notice after all, scans and all."""
        asn = one(Asn.objects.acted_on_by(self.request.user), uuid=uuid_of(about))
        with transaction.atomic(durable=True):
            begun = actions.begin_receipt(
                by=self.request.user,  # type: ignore[arg-type]
                key=f"switch:{receipt.uuid}:{asn.uuid}",
                asn_id=asn.pk,
                started_at=receipt.started_at,
            )
            move_scans(receipt, begun)
            actions.cancel_receipt(receipt_id=receipt.pk)
        return redirect("asn:session", begun.uuid)

    ACTS: ClassVar[dict[str, FormAct]] = {
        "scan": scan,
        "less": less,
        "settle": settle,
        "leave": leave,
        "complete": complete,
        "cancel": cancel,
        "switch": switch,
    }

    # ------------------------------------------------------------ the page
    def show(
        self,
        receipt: Receipt,
        *,
        fault: str = "",
        said: Outcome | None = None,
        now: Running | None = None,
        offers: list[Asn] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        receipt.refresh_from_db()
        is_open = receipt.status == Receipt.Status.IN_PROGRESS
        context: dict[str, Any] = {
            "title": receipt.asn.number if receipt.asn else _("Without ASN"),
            "receipt": receipt,
            "fault": fault,
            "offers": offers or [],
            "note": self.request.POST.get("note", receipt.note),
        }
        if is_open:
            context |= {
                "now": now or running(receipt),
                "left_out": left_out(receipt),
                "said": said,
                "key": str(uuid.uuid4()),
                "longest": LONGEST_CODE,
                "types": may_type("receiving"),
                "reasons": damage_reasons(),
                "chosen_reason": self.request.POST.get("reason", ""),
            }
        else:
            context |= result_of(receipt)
        template = "asn/session.html" if is_open else "asn/session_result.html"
        response = render(self.request, template, context, status=status)
        response["Permissions-Policy"] = "camera=(self)"
        response["Cache-Control"] = "private, no-store"
        return response


def result_of(receipt: Receipt) -> dict[str, Any]:
    """What a completed session brought, and what its notice still lacks."""
    lines = list(receipt.lines.select_related("product", "line").order_by("pk"))
    return {
        "lines": lines,
        "units": sum(line.quantity for line in lines),
        "products": len({line.product_id for line in lines}),
        "damaged": sum(line.damaged for line in lines),
        "over": sum(line.over for line in lines if line.line and line.line.expected),
        "unexpected": sum(line.quantity for line in lines if line.line and not line.line.expected),
        "left_out": left_out(receipt),
    }


def move_scans(source: Receipt, target: Receipt) -> None:
    known = [
        actions.Scan(
            scan.key,
            scan.code,
            scan.product_id,
            scan.quantity,
            scan.scanned_at,
            scan.is_damaged,
            scan.reason_id,
        )
        for scan in source.scans.filter(is_left_out=False).order_by("pk")
    ]
    if known:
        actions.record_scans(receipt_id=target.pk, scans=known)


class SessionScans(ScanBatches):
    permission_required = permissions.RECEIVE_INVENTORY
    gone = gettext_lazy("This session is not yours, or not there any more.")

    def document(self) -> Receipt:
        return session_of(self.request.user, self.kwargs["uuid"])

    def take(self, document: Receipt, batch: list[Scan]) -> tuple[list[Outcome], str]:
        taken = take_scans(document, [read_of(scan) for scan in batch])
        return taken.outcomes, totals_html(self.request, document, taken.running)


def read_of(scan: Scan) -> Read:
    fields = scan.fields
    return Read(
        scan.key,
        scan.code,
        scan.quantity,
        scan.at,
        bool(fields.get("damaged")),
        fields.get("reason", ""),
    )


def uuid_of(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def number_of(text: str) -> int:
    """0, which is no quantity, for what is no number."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else 0
