"""A receiver on this machine that does as it is told, and remembers who came."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from typing import NamedTuple

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(code: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {code} Answer", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Call(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[Call, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """`with Server() as sink:` answers 200 to everything unless `script` says otherwise.

    script: path → list of answers, of which the last one is repeated; an answer is bytes, or a
    coroutine function that writes what it likes.
    """

    def __init__(
        self,
        script: dict[str, list[bytes | Behaviour]] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ssl: ssl.SSLContext | None = None,
    ) -> None:
        self.script, self.host, self.port, self.ssl = script or {}, host, port, ssl
        self.calls: list[Call] = []
        self.connections = 0
        self.open = self.most_open = 0

    def __enter__(self) -> "Server":
        started = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.serve, args=(started,), daemon=True)
        self.thread.start()
        assert started.wait(60)
        return self

    def __exit__(self, *error: object) -> None:
        self.loop.call_soon_threadsafe(self.done.set)
        self.thread.join(60)

    def serve(self, started: threading.Event) -> None:
        async def main() -> None:
            self.done = asyncio.Event()
            self.server = await asyncio.start_server(
                self.meet, self.host, self.port, ssl=self.ssl, backlog=1_000
            )
            self.port = self.server.sockets[0].getsockname()[1]
            started.set()
            await self.done.wait()
            self.server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(main())

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.place}{path}"

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while call := await self.read(reader):
                self.calls.append(call)
                self.open += 1
                self.most_open = max(self.most_open, self.open)
                try:
                    await self.reply(call, writer)
                finally:
                    self.open -= 1
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def read(self, reader: asyncio.StreamReader) -> Call | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode().splitlines()
        headers = {
            name.lower(): value.strip()
            for name, _mark, value in (line.partition(":") for line in lines if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Call(first.split()[1], headers, body)

    async def reply(self, call: Call, writer: asyncio.StreamWriter) -> None:
        script = self.script.get(call.path, [OK])
        told = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(told, bytes):
            writer.write(told)
            await writer.drain()
        else:
            await told(call, writer)
