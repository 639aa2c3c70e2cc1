"""Files of events in a bucket; needs the optional extra `s3` (CONTRACT §3.1)."""

import secrets
import time
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings

from .egress import Egress
from .parcels import Outcome, Parcel

try:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    S3SigV4Auth = None

MISSING = "Files to a bucket need the extra s3: pip install 'omnichannel-manager[s3]'"


def is_installed() -> bool:
    return S3SigV4Auth is not None


class Bucket(NamedTuple):
    """A bucket that takes one file per parcel; botocore signs, our own way out sends."""

    access_key_id: str
    secret_access_key: str
    region: str
    bucket: str
    key_prefix: str

    async def send(self, egress: Egress, parcel: Parcel) -> Outcome:
        moment = time.time()
        key = self.key(moment)
        if not is_installed():
            return Outcome(parcel, 0, MISSING, attempted_at=moment, filename=key)
        body = "".join(f"{one.body}\n" for one in parcel.deliveries).encode()
        url = self.address(key)
        answer = await egress.send(url, body, self.signed(url, body), method="PUT")
        return Outcome(
            parcel,
            answer.code,
            answer.body,
            answer.milliseconds,
            answer.retry_after,
            moment,
            key,
        )

    def key(self, moment: float) -> str:
        """{key_prefix}/{tenant}/{timestamp}-data-{random}.export"""
        stamp = f"{datetime.fromtimestamp(moment, UTC):%Y%m%dT%H%M%S}"
        name = f"{settings.TENANT}/{stamp}-data-{secrets.token_hex(8)}.export"
        return f"{self.key_prefix.strip('/')}/{name}".lstrip("/")

    def address(self, key: str) -> str:
        if endpoint := settings.EVENT_STREAM["S3_ENDPOINT"]:
            return f"{endpoint.rstrip('/')}/{self.bucket}/{quote(key)}"
        return f"https://{self.bucket}.s3.{self.region}.amazonaws.com/{quote(key)}"

    def signed(self, url: str, body: bytes) -> dict[str, str]:
        request = AWSRequest("PUT", url, {"Content-Type": "application/x-ndjson"}, body)
        credentials = Credentials(self.access_key_id, self.secret_access_key)
        S3SigV4Auth(credentials, "s3", self.region).add_auth(request)
        return dict(request.headers.items())
