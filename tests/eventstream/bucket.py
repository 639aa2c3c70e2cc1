"""A bucket on this machine: it checks who signed, as an object store does, and keeps what it takes."""

import asyncio
import hashlib
import hmac
import re

from .receiver import Call, Server, answer

SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/s3/aws4_request, "
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


class Store:
    """`store.server` answers 200 to a PUT under the right key, and 403 to every other."""

    def __init__(self, key_id: str, secret: str, region: str) -> None:
        self.key_id, self.secret, self.region = key_id, secret, region
        self.files: dict[str, bytes] = {}
        self.refusals: list[bytes] = []
        self.server = Server()
        self.server.reply = self.reply  # type: ignore[method-assign]

    async def reply(self, call: Call, writer: asyncio.StreamWriter) -> None:
        if self.refusals:
            writer.write(self.refusals.pop(0))
        elif self.is_signed(call):
            self.files[call.path] = call.body
            writer.write(answer(200))
        else:
            writer.write(answer(403))
        await writer.drain()

    def is_signed(self, call: Call) -> bool:
        """Signature Version 4, reckoned anew from the request as it arrived."""
        found = SIGNED.fullmatch(call.headers.get("authorization", ""))
        digest = hashlib.sha256(call.body).hexdigest()
        if not found or call.headers.get("x-amz-content-sha256") != digest:
            return False
        names = found["names"].split(";")
        headers = "".join(f"{name}:{call.headers[name]}\n" for name in names)
        asked = f"PUT\n{call.path}\n\n{headers}\n{';'.join(names)}\n{digest}"
        scope = f"{found['day']}/{self.region}/s3/aws4_request"
        moment = call.headers["x-amz-date"]
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        expected = hmac.digest(key, text.encode(), "sha256").hex()
        return found["id"] == self.key_id and found["signature"] == expected
