"""The one way out: every outbound call of the product goes through here (RELIABILITY rule 19).

A name is resolved once, every answer is checked, and the connection goes to a checked address
under the name's certificate. No redirect is followed, no proxy asked, no cookie kept, nothing
unpacked.
"""

import asyncio
import logging
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from types import TracebackType
from typing import Any, NamedTuple, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from django.utils import timezone
from yarl import URL

from . import loops
from .addresses import Refused, checked, is_public, literal_of, may_connect, private

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5
TOTAL_SECONDS = 15
# The status is what counts: nobody waits long for the rest of an answer.
BODY_SECONDS = 3
MOST_BYTES = 16 * 1024
# Answers that say "go on" before the one that counts; a receiver that says nothing else is dropped,
# for reading it costs everybody else's time.
MOST_INTERIM = 10
# Of one answer to a question of the DNS; a connection that is kept does not ask again.
REMEMBER_SECONDS = 5
IDLE_SECONDS = 15
LOOKUPS = 32
USER_AGENT = "omnichannel-manager"


class Answer(NamedTuple):
    """What came back. `code` 0: no answer, and `body` says why; else `body` is its beginning."""

    code: int
    body: str
    milliseconds: int
    retry_after: float | None = None


class Blocked(OSError):
    """A name leads to where no connection may go."""


class CheckedResolver(AbstractResolver):
    """Answers only addresses to which a connection may go; one bad answer spoils all."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")
        self.asked: dict[tuple[str, int], tuple[float, asyncio.Task]] = {}
        self.private: set[str] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """
        Raises:
            Blocked: an answer that is private and not allowed.
            OSError: no answer.
        """
        now = time.monotonic()
        when, task = self.asked.get((host, port), (0.0, None))
        if task is None or when < now - REMEMBER_SECONDS or (task.done() and failed(task)):
            # One question per name, however many deliveries wait: a name server that hangs
            # keeps one thread.
            task = asyncio.create_task(self.look_up(host, port))
            self.asked[host, port] = now, task
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.shield(task)
        except TimeoutError as error:
            raise OSError("The name server does not answer") from error

    async def look_up(self, host: str, port: int) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(
            self.pool,
            lambda: socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            ),
        )
        found = []
        for family, _kind, protocol, _name, (text, *_rest) in answers:
            address = literal_of(str(text))
            if address is None or not may_connect(address, host, port):
                raise Blocked(private(host))
            if not is_public(address):
                self.private.add(host)
            found.append(
                ResolveResult(
                    hostname=host,
                    host=str(address),
                    port=port,
                    family=family,
                    proto=protocol,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        if not found:
            raise OSError(f"{host} has no address")
        return found

    async def close(self) -> None:
        for _when, task in self.asked.values():
            task.cancel()
        self.pool.shutdown(wait=False, cancel_futures=True)


def failed(task: asyncio.Task) -> bool:
    return task.cancelled() or task.exception() is not None


@cache
def certificates() -> ssl.SSLContext:
    """Once per process: reading the authorities takes longer than a delivery."""
    return ssl.create_default_context()


class Reply(aiohttp.ClientResponse):
    """Gives up whoever says nothing but 100 Continue."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        assert connection.protocol is not None
        queue: Any = connection.protocol
        read, heard = queue.read, 0

        async def counted() -> Any:
            nonlocal heard
            heard += 1
            if heard > MOST_INTERIM:
                raise HttpProcessingError(message="Nothing but interim answers")
            return await read()

        queue.read = counted
        try:
            return await super().start(connection)
        finally:
            del queue.read


class Egress:
    """Connections of one event loop: `async with Egress() as out: answer = await out.send(…)`."""

    total_seconds: float = TOTAL_SECONDS
    body_seconds: float = BODY_SECONDS
    most_bytes = MOST_BYTES

    async def __aenter__(self) -> Self:
        self.resolver = CheckedResolver()
        self.known: dict[str, URL] = {}
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self.resolver,
                use_dns_cache=False,
                limit=0,
                keepalive_timeout=IDLE_SECONDS,
                ssl=certificates(),
            ),
            timeout=aiohttp.ClientTimeout(total=self.total_seconds, sock_connect=CONNECT_SECONDS),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=8_190,
            max_field_size=8_190,
            response_class=Reply,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.session.close()

    async def send(
        self, address: str, body: bytes, headers: dict[str, str], *, method: str = "POST"
    ) -> Answer:
        """One request, one answer; whatever goes wrong is an Answer with code 0."""
        started = time.monotonic()
        try:
            url = self.read(address)
            async with self.session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response:
                kept = await beginning(response, self.most_bytes, self.body_seconds)
                return Answer(
                    response.status,
                    "" if self.is_private(url) else kept,
                    since(started),
                    patience(response.headers.get("Retry-After", "")),
                )
        except Exception as error:
            return Answer(0, reason(error, self.total_seconds), since(started))

    def read(self, address: str) -> URL:
        """Checked once per drain: what is allowed is a setting of the process."""
        if address not in self.known:
            self.known[address] = checked(address)
        return self.known[address]

    def is_private(self, url: URL) -> bool:
        """What a private server says is not for the eyes of who may type its address (rule 20)."""
        host = url.host or ""
        return host in self.resolver.private or is_private_literal(host)


class Questions(Egress):
    """What a machine asks another one: its whole answer is waited for, and no person reads it."""

    most_bytes = 1024 * 1024

    def __init__(self, seconds: float) -> None:
        self.total_seconds = self.body_seconds = seconds

    def is_private(self, url: URL) -> bool:
        return False


@lru_cache(maxsize=256)
def is_private_literal(host: str) -> bool:
    literal = literal_of(host)
    return literal is not None and not is_public(literal)


def call(address: str, body: bytes, headers: dict[str, str], *, method: str = "POST") -> Answer:
    """One request for who has no event loop; takes up to TOTAL_SECONDS."""
    return loops.run(once(Egress(), address, body, headers, method))


def ask(address: str, body: bytes, headers: dict[str, str], *, seconds: float) -> Answer:
    """The same for a machine's question; more than a megabyte of answer is cut off."""
    return loops.run(once(Questions(seconds), address, body, headers, "POST"))


async def once(
    out: Egress, address: str, body: bytes, headers: dict[str, str], method: str
) -> Answer:
    async with out:
        return await out.send(address, body, headers, method=method)


def since(started: float) -> int:
    return round((time.monotonic() - started) * 1_000)


async def beginning(response: aiohttp.ClientResponse, most: int, seconds: float) -> str:
    """At most `most` bytes of the body; the connection of a longer or slower one is given up."""
    kept = bytearray()
    try:
        if response.content.is_eof():
            # It came with the head, as most do: there is nothing to wait for.
            await read_into(kept, response, most)
        else:
            async with asyncio.timeout(seconds):
                await read_into(kept, response, most)
    except (TimeoutError, aiohttp.ClientError):
        response.close()
    if len(kept) > most:
        response.close()
    return storable(kept[:most].decode(errors="replace"))


async def read_into(kept: bytearray, response: aiohttp.ClientResponse, most: int) -> None:
    while len(kept) <= most and (more := await response.content.readany()):
        kept += more


def storable(text: str) -> str:
    """PostgreSQL's text holds no NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def patience(text: str) -> float | None:
    """Seconds of a Retry-After header: a number, or a date."""
    text = text.strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment - timezone.now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def reason(error: Exception, total_seconds: float = TOTAL_SECONDS) -> str:
    """Why there was no answer, for people; nothing of what was sent."""
    cause: Any = getattr(error, "os_error", None) or error.__cause__
    if isinstance(error, Refused | Blocked):
        return str(error)
    if isinstance(cause, Blocked):
        return str(cause)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"No connection within {CONNECT_SECONDS} seconds"
    if isinstance(error, TimeoutError):
        return f"No answer within {total_seconds:g} seconds"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "The name of the host could not be resolved"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"Its certificate is not valid: {error.certificate_error}"[:500]
    if isinstance(error, aiohttp.ClientSSLError):
        return "TLS failed"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"No connection: {error.strerror or error}"[:500]
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "The connection was closed before the answer"
    if not isinstance(error, aiohttp.ClientError | OSError | ValueError):
        logger.exception("eventstream: an error of ours while sending", exc_info=error)
    return storable(f"{type(error).__name__}: {error}"[:500])
