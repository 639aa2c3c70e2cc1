"""Scans that a phone sends in batches, some of them late: what came in, and when it was scanned.

The device keeps each scan until it is told that it was taken (`static/js/scan_queue.js`), so one may
come twice: its key names it for ever, and the act that records it writes each key once.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

MOST = 200
MOST_BYTES = 256 * 1024
LONGEST_CODE = 256
# Beyond what any room takes; what is more than a room takes is refused there, with its reason.
MOST_UNITS = 2_000_000_000
# A clock that is further off says nothing about when something was scanned.
OLDEST = timedelta(days=30)


class Scan(NamedTuple):
    """One code, read `quantity` times; `at` by our clock; `fields` is what the page sent beside it."""

    key: UUID
    code: str
    quantity: int
    at: datetime
    fields: dict[str, str]


class Outcome(NamedTuple):
    """What became of a scan. Whatever has an outcome is forgotten by the device.

    `kind`: hit (as expected), miss (kept, but to be looked at), refused (not kept, `text` says why).
    """

    key: UUID
    kind: str
    text: str


class BadBatch(ValueError):
    """The batch cannot be read; nothing of it was taken. Its text is shown to the person."""


def read_batch(request: HttpRequest) -> list[Scan]:
    """The scans of `{"sent_at": ms, "scans": [{"key", "at": ms, "code", "quantity", …}]}`.

    Times are the device's; how far its clock is off is measured by `sent_at`, so a scan is never
    later than now.

    Raises:
        BadBatch
    """
    if len(request.body) > MOST_BYTES:
        raise BadBatch(_("The batch is too large."))
    try:
        body = json.loads(request.body)
        sent_at, listed = float(body["sent_at"]), list(body["scans"])
        if not 0 < len(listed) <= MOST:
            raise ValueError(len(listed))
        return [scan_of(entry, sent_at, timezone.now()) for entry in listed]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise BadBatch(
            _("The scans cannot be read. Reload the page and send them again.")
        ) from fault


def scan_of(entry: dict[str, Any], sent_at: float, now: datetime) -> Scan:
    known = {"key", "at", "code", "quantity"}
    quantity = entry.get("quantity", 1)
    if not isinstance(quantity, int) or isinstance(quantity, bool):
        raise ValueError("quantity")
    ago = min(max(timedelta(milliseconds=sent_at - float(entry["at"])), timedelta()), OLDEST)
    return Scan(
        UUID(entry["key"]),
        str(entry["code"]).strip()[:LONGEST_CODE],
        max(-MOST_UNITS, min(quantity, MOST_UNITS)),
        now - ago,
        {str(name): str(value) for name, value in entry.items() if name not in known},
    )


def answer(outcomes: Iterable[Outcome], html: str = "") -> JsonResponse:
    """What the queue expects: an outcome by key, and the running totals to show."""
    told = {str(one.key): {"kind": one.kind, "text": one.text} for one in outcomes}
    return JsonResponse({"outcomes": told, "html": html})


def refusal(text: str, status: int) -> JsonResponse:
    """Nothing was taken. 409 and 410 mean that it never will be, so the device stops trying."""
    return JsonResponse({"message": text}, status=status)
