"""Thirty receivers that do their worst (F10); each is a path of one Server."""

import asyncio
import gzip
import zlib

from .receiver import OK, Behaviour, Call, answer

METADATA = "http://169.254.169.254/latest/meta-data/"
BOMB = gzip.compress(b"0" * 10_000_000)


async def hang(call: Call, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3_600)


async def drip_headers(call: Call, writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 3_600:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def drip_body(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3600\r\n\r\n")
    for _second in range(3_600):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(1)


async def gigabyte(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    for _megabyte in range(1_024):
        writer.write(b"x" * 1_048_576)
        await writer.drain()


async def endless_chunks(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        await writer.drain()


async def endless_headers(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000_000):
        writer.write(b"X-%d: %s\r\n" % (number, b"x" * 1_000))
        await writer.drain()


async def endless_line(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _piece in range(100_000):
        writer.write(b"x" * 65_536)
        await writer.drain()


async def many_continues(call: Call, writer: asyncio.StreamWriter) -> None:
    for _time in range(1_000_000):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await writer.drain()
        await asyncio.sleep(0.01)


async def reset(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def close(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def half(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    await writer.drain()
    writer.transport.abort()


async def short_body(call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nshort")
    await writer.drain()
    writer.close()


class Flapping:
    """Well and ill in turn."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, call: Call, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        writer.write(answer(500) if self.calls % 2 else OK)
        await writer.drain()


def packed(code: int, body: bytes, encoding: str) -> bytes:
    return answer(code, f"Content-Encoding: {encoding}", body=body)


def behaviours(elsewhere: str) -> dict[str, list[bytes | Behaviour]]:
    """By path; `elsewhere` is where redirects that could be followed lead."""
    return {
        "/moved-to-metadata": [answer(301, f"Location: {METADATA}")],
        "/found-elsewhere": [answer(302, f"Location: {elsewhere}")],
        "/temporary-elsewhere": [answer(307, f"Location: {elsewhere}")],
        "/permanent-elsewhere": [answer(308, f"Location: {elsewhere}")],
        "/loop": [answer(302, "Location: /loop")],
        "/not-modified": [answer(304)],
        "/unauthorized": [answer(401, "WWW-Authenticate: Basic")],
        "/not-found": [answer(404)],
        "/gone": [answer(410)],
        "/teapot": [answer(418)],
        "/throttled": [answer(429, "Retry-After: 9999999999")],
        "/throttled-badly": [answer(429, "Retry-After: -1, \xff, tomorrow")],
        "/error": [answer(500)],
        "/unavailable": [answer(503, "Retry-After: Wed, 21 Oct 9999 07:28:00 GMT")],
        "/odd-code": [answer(999)],
        "/hang": [hang],
        "/drip-headers": [drip_headers],
        "/drip-body": [drip_body],
        "/gigabyte": [gigabyte],
        "/endless-chunks": [endless_chunks],
        "/endless-headers": [endless_headers],
        "/endless-line": [endless_line],
        "/many-continues": [many_continues],
        "/gzip-bomb": [packed(500, BOMB, "gzip")],
        "/broken-gzip": [packed(500, b"no gzip", "gzip")],
        "/deflate-bomb": [packed(500, zlib.compress(b"0" * 10_000_000), "deflate")],
        "/reset": [reset],
        "/close": [close],
        "/half": [half],
        "/short-body": [short_body],
        "/no-http": [b"SSH-2.0-OpenSSH_9.9\r\n\r\n"],
        "/nul-body": [answer(500, body=b"\0\xff\xfe" * 100)],
        "/flapping": [Flapping()],
    }
