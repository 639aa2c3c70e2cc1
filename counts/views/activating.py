"""Activate a full count: first what is still open in the store, then the snapshot (PRODUCT §7)."""

from typing import Any, NamedTuple

from django.db import transaction
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnichannel.documents import ActionError
from omnichannel.web.cells import day
from omnichannel.web.shell import address

from .. import actions, checklist, permissions
from ..models import Count
from .asking import AskFirst
from .places import acts_on

STOCK = "inventory:stock-on-hand"
TRANSFERS = "transfers:list"


class Check(NamedTuple):
    """A line of the checklist: what is open, and where one sees it; settled lines say so."""

    text: str
    is_settled: bool
    url: str


class ActivateCount(AskFirst):
    permission_required = permissions.ACTIVATE_FULL_COUNTS
    template_name = "counts/activate.html"
    question = gettext_lazy("Activate %(count)s?")
    verb = gettext_lazy("Activate count")
    keep = gettext_lazy("Not yet")
    consequences = (
        ("camera", gettext_lazy("What is in the books now is kept as expected.")),
        ("smartphone", gettext_lazy("Phones see the count, and zones can be scanned.")),
        (
            "lock",
            gettext_lazy(
                "Until it ends no other count of the place completes, stock imports are refused,"
                " and so is every adjustment that says how many there are."
            ),
        ),
        (
            "store",
            gettext_lazy("Sales, receipts, returns, transfers and damage go on meanwhile."),
        ),
    )

    def is_possible(self, found: Count) -> bool:
        return found.is_full and found.status == Count.Status.PENDING

    def act(self, found: Count) -> str:
        user: Any = self.request.user
        if not acts_on(user, found, permissions.ACTIVATE_FULL_COUNTS):
            raise ActionError(_("Only %s activates it.") % found.location.name)
        with transaction.atomic(durable=True):
            actions.activate_count(pk=found.pk, by=user)
        return _("The snapshot is being taken.")

    def further(self, found: Count) -> dict[str, Any]:
        checks = [told(found, matter) for matter in checklist.matters(found)]
        return {"checks": checks, "open_checks": sum(not check.is_settled for check in checks)}


def told(count: Count, matter: checklist.Matter) -> Check:
    return Check(text_of(count, matter), not matter.number, url_of(count, matter.kind))


def text_of(count: Count, matter: checklist.Matter) -> str:
    kind, n = matter
    if kind == "day":
        if not n:
            return _("It is due today.")
        return _("It is due on another day: %s.") % day(count.due_date)
    if not n:
        return str(SETTLED[kind])
    words = {
        "handover": ngettext(
            "%d packed order or transfer is not handed over. Hand it over, or count it as the zone Packed.",
            "%d packed orders or transfers are not handed over. Hand them over, or count them as the zone Packed.",
            n,
        ),
        "transfers": ngettext(
            "%d transfer order of this store is open.",
            "%d transfer orders of this store are open.",
            n,
        ),
        "receipts": ngettext(
            "%d receipt is open: what it brings is booked when it is completed.",
            "%d receipts are open: what they bring is booked when they are completed.",
            n,
        ),
        "packed": ngettext(
            "%d packed order is not handed over. Hand it over, or count it as the zone Packed.",
            "%d packed orders are not handed over. Hand them over, or count them as the zone Packed.",
            n,
        ),
        "reserved": ngettext(
            "%d unit is set aside for customers and is not counted here.",
            "%d units are set aside for customers and are not counted here.",
            n,
        ),
        "to_move": ngettext(
            "%d unit is set aside for transfers and is not counted here.",
            "%d units are set aside for transfers and are not counted here.",
            n,
        ),
        "cycles": ngettext(
            "%d cycle count of this stock location is open and waits until the end.",
            "%d cycle counts of this stock location are open and wait until the end.",
            n,
        ),
    }
    return words[kind] % n


SETTLED = {
    "handover": gettext_lazy("Nothing packed waits for its handover."),
    "transfers": gettext_lazy("No transfer order of this store is open."),
    "receipts": gettext_lazy("No receipt is open."),
    "packed": gettext_lazy("No packed order waits for its handover."),
    "reserved": gettext_lazy("Nothing is set aside for customers."),
    "to_move": gettext_lazy("Nothing is set aside for transfers."),
    "cycles": gettext_lazy("No cycle count of this stock location is open."),
}


def url_of(count: Count, kind: str) -> str:
    """Where it is seen; '' while this installation has no such page."""
    code = count.location.code
    words: dict[str, tuple[str, dict[str, str]]] = {
        "handover": (TRANSFERS, {"origin": code, "state": "open"}),
        "transfers": (TRANSFERS, {"origin": code, "state": "open"}),
        "receipts": ("asn:list", {"store": code}),
        "reserved": (STOCK, {"store": code, "stock_location": checklist.HELD}),
        "to_move": (STOCK, {"store": code, "stock_location": checklist.TO_MOVE}),
        "cycles": ("counts:list", {"store": code, "type": Count.Type.CYCLE, "state": "open"}),
    }
    if kind not in words:
        return ""
    page, asked = words[kind]
    found = address(page)
    return f"{found}?{urlencode(asked)}" if found else ""
