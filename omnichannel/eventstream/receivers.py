"""To whom parcels go, and in which form."""

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone

from .egress import Answer, Egress
from .models import Integration
from .parcels import Outcome, Parcel
from .s3 import Bucket
from .sealing import CannotUnseal, unseal
from .signing import signed, signing_key

# Opening a seal takes as long as a delivery, and the same ones are opened again and again.
opened = lru_cache(maxsize=256)(unseal)
UNREADABLE = "Its secrets were written under another SECRET_KEY; enter them anew"


class Callback(NamedTuple):
    """An address that takes one event per request."""

    url: str
    api_key: str
    keys: tuple[bytes, ...]

    async def send(self, egress: Egress, parcel: Parcel) -> Outcome:
        one = parcel.deliveries[0]
        body = one.body.encode()
        moment = time.time()
        answer = await egress.send(
            self.url, body, self.headers(str(one.event_uuid), int(moment), body)
        )
        return outcome(parcel, answer, moment)

    def headers(self, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        found = signed(self.keys, message_id, timestamp, body)
        found["Content-Type"] = "application/json"
        if self.api_key:
            found["Authorization"] = f"Bearer {self.api_key}"
        return found


class Unreadable(NamedTuple):
    """Nothing can be sent without its secrets, and nothing is lost meanwhile."""

    async def send(self, egress: Egress, parcel: Parcel) -> Outcome:
        return Outcome(parcel, 0, UNREADABLE, attempted_at=time.time())


Receiver = Callback | Bucket | Unreadable


def outcome(parcel: Parcel, answer: Answer, moment: float, filename: str = "") -> Outcome:
    return Outcome(
        parcel,
        answer.code,
        answer.body,
        answer.milliseconds,
        answer.retry_after,
        moment,
        filename,
    )


def receivers(ids: Iterable[int]) -> dict[int, Receiver]:
    rows = Integration.objects.filter(pk__in=list(ids))
    return {row.pk: receiver(row) for row in rows}


def receiver(integration: Integration) -> Receiver:
    """Where the integration's events go now; during a rotation two keys sign."""
    try:
        if integration.target == Integration.Target.S3:
            return Bucket(
                opened(integration.sealed_aws_access_key_id),
                opened(integration.sealed_aws_secret_access_key),
                integration.aws_region,
                integration.bucket,
                integration.key_prefix,
            )
        secrets = [integration.sealed_secret]
        until = integration.previous_secret_until
        if until and until > timezone.now():
            secrets += integration.sealed_previous_secret.split()
        keys = tuple(signing_key(opened(secret)) for secret in secrets if secret)
        return Callback(integration.callback_url, opened(integration.sealed_api_key), keys)
    except CannotUnseal:
        return Unreadable()
