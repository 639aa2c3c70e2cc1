"""One event to try an address with, before or after it is registered; nothing is written down."""

import time
from uuid import uuid4

from django.utils import timezone

from . import loops
from .egress import Egress
from .outbox import envelope
from .parcels import Claimed, Outcome, Parcel
from .receivers import Callback
from .signing import new_secret, signing_key

NAME = "test.sent"


def try_address(url: str, api_key: str) -> Outcome:
    """What the receiver at `url` answered to a signed test event; code 0 where nobody did.

    Waits at most as long as a delivery does; call it outside any transaction.
    """
    body = envelope(
        NAME, {"id": str(uuid4()), "note": "Sent by hand to try the address"}, timezone.now()
    )
    parcel = Parcel(0, (Claimed(0, 0, 1, 0, 0, uuid4(), body),), False, time.monotonic() + 60)
    callback = Callback(url, api_key, (signing_key(new_secret()),))

    async def send() -> Outcome:
        async with Egress() as egress:
            return await callback.send(egress, parcel)

    return loops.run(send())
