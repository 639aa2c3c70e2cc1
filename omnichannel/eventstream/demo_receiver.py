"""The demo's own ERP: an integration whose receiver is this very installation."""

import hmac
import re
import time
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction

from . import integrations
from .models import Integration, LogEntry
from .outbox import lock_registry
from .receivers import Callback, receiver
from .sealing import seal
from .signing import new_secret, signed

NAME = "demo-erp"
PATH = "/tools/event-stream/demo-receiver/inbox/"
# As Standard Webhooks asks of a receiver: older or later is not believed.
TOLERANCE_SECONDS = 300
SECONDS = re.compile(r"[0-9]{1,12}")


def register() -> Integration:
    """The demo's integration, at the address under which this start serves; made once.

    The setting DEMO_RECEIVER is that address (`http://127.0.0.1:8000`), and ALLOW names it.
    """
    url = f"{settings.EVENT_STREAM['DEMO_RECEIVER']}{PATH}"
    with transaction.atomic():
        lock_registry()
        found = Integration.objects.registered().filter(name=NAME).first()
        if found is None:
            found = Integration.objects.create(
                name=NAME, callback_url=url, sealed_secret=seal(new_secret())
            )
            integrations.log(found.pk, LogEntry.Action.STARTED, "Registered")
        elif found.callback_url != url:
            Integration.objects.filter(pk=found.pk).update(callback_url=url)
    return found


def is_genuine(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures is ours and of these minutes; how a receiver checks it."""
    found = Integration.objects.registered().filter(name=NAME).first()
    to = found and receiver(found)
    moment = headers.get("webhook-timestamp", "")
    if not isinstance(to, Callback) or not SECONDS.fullmatch(moment):
        return False
    if abs(time.time() - int(moment)) > TOLERANCE_SECONDS:
        return False
    ours = signed(to.keys, headers.get("webhook-id", ""), int(moment), body)
    known = ours["webhook-signature"].split()
    sent = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(a.encode(), b.encode()) for a in known for b in sent)


def is_on() -> bool:
    """In the demo only: somebody's own data has no such integration."""
    known = Integration.objects.registered().filter(name=NAME)
    return bool(settings.EVENT_STREAM["DEMO_RECEIVER"]) and known.exists()
