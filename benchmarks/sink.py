"""A receiver that does as little as a receiver can, in a process of its own: `python -m benchmarks.sink`.

It says its port, answers 200 to whatever is posted, and to GET how many, and when first and last.
"""

import asyncio
import json
import time

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Sink(asyncio.Protocol):
    number = 0
    first = last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (head := self.waiting.find(b"\r\n\r\n")) >= 0:
            size = length(self.waiting[:head].lower())
            if len(self.waiting) < head + 4 + size:
                return
            self.transport.write(self.answer(self.waiting[:4]))
            self.waiting = self.waiting[head + 4 + size :]

    def answer(self, method: bytes) -> bytes:
        if method == b"GET ":
            told = json.dumps([Sink.number, Sink.first, Sink.last]).encode()
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told)
        Sink.number += 1
        Sink.last = time.monotonic()
        Sink.first = Sink.first or Sink.last
        return OK


def length(head: bytes) -> int:
    start = head.find(b"\r\ncontent-length: ")
    return int(head[start + 18 :].split(b"\r\n", 1)[0]) if start >= 0 else 0


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
