"""One event to try an address with, before or after it is registered; nothing is written down."""

import time
from uuid import uuid4

from django.utils import timezone
from yarl import URL

from . import loops
from .egress import Egress
from .models import Integration
from .outbox import envelope
from .parcels import Claimed, Outcome, Parcel
from .receivers import Callback, receiver
from .signing import new_secret, signing_key

# No name of the contract: receivers answer 200 to what they do not know (CONTRACT §9).
NAME = "test.sent"


def try_address(url: str, api_key: str, integration: Integration | None = None) -> Outcome:
    """What the receiver at `url` answered to a signed test event; code 0 where nobody did.

    Signed as `integration` signs, or with a secret for this one time. Its stored key goes along
    to its own host only: where to a try goes stands in no log. Waits at most as long as a
    delivery does; call it outside any transaction.
    """
    callback = callback_of(url, api_key, integration)
    body = envelope(
        NAME, {"id": str(uuid4()), "note": "Sent by hand to try the address"}, timezone.now()
    )
    parcel = Parcel(0, (Claimed(0, 0, 1, 0, 0, uuid4(), body),), False, time.monotonic() + 60)

    async def send() -> Outcome:
        async with Egress() as egress:
            return await callback.send(egress, parcel)

    return loops.run(send())


def callback_of(url: str, api_key: str, integration: Integration | None) -> Callback:
    known = receiver(integration) if integration else None
    if not isinstance(known, Callback):
        return Callback(url, api_key, (signing_key(new_secret()),))
    if not api_key and known.api_key and URL(known.url).origin() == URL(url).origin():
        api_key = known.api_key
    return Callback(url, api_key, known.keys)
