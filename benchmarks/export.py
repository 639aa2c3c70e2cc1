"""All rows as CSV over HTTP, beside a bare COPY of the same rows without any escape."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlencode

import psycopg
from django.conf import settings
from django.db import connection

from benchmarks.asking import STOCK, signed_in
from benchmarks.filling import fill_stock, visitor
from benchmarks.ratio import Amount, Figure, Ratio, medians
from benchmarks.sizes import Sizes

# A filter that every row passes: the export wants one to be set.
EVERYTHING = f"{STOCK}?on_hand_min=-1000000&export=csv"
BARE = """
COPY (
SELECT p.name, p.product_id, p.sku, p.size, p.color, price.value, book.currency, l.name, l.code,
       s.display_name, k.quantity
  FROM inventory_stockonhand AS k
  JOIN catalog_product AS p ON p.id = k.product_id
  JOIN locations_fulfillmentlocation AS l ON l.id = k.location_id
  JOIN locations_stocklocation AS s ON s.id = k.stock_location_id
  LEFT JOIN catalog_pricebook AS book ON book.id = l.pricebook_id
  LEFT JOIN catalog_price AS price ON price.pricebook_id = book.id AND price.product_id = p.id
 WHERE l.is_inventory_master AND s.name <> '_in_transit'
 ORDER BY k.location_id, k.product_id, k.stock_location_id
) TO STDOUT (FORMAT csv, HEADER)
"""
# Both sides plan alike.
PLANS = settings.DATABASES["default"]["OPTIONS"]["options"]
START = 30
MEGABYTE = 1024


class Download(NamedTuple):
    """Seconds until the first byte of the file; its lines, the header among them."""

    first_byte: float
    lines: int


def run(sizes: Sizes) -> Iterator[Figure]:
    fill_stock(sizes, sizes.first_stock_rows)
    session = signed_in(visitor(is_scoped=False))
    with granian() as server, psycopg.connect(web_address(), options=PLANS) as bare:
        lines = bare_lines(bare)
        first_bytes = []

        def ours() -> None:
            got = server.download(EVERYTHING, session)
            assert got.lines == lines, (got, lines)
            first_bytes.append(got.first_byte)

        seconds, limit = medians(ours, lambda: bare_lines(bare), rounds=sizes.rounds(5), warm=1)
        print(f"# export: {lines - 1:,} rows")
        yield Ratio("export_beside_bare_copy", limit, seconds, 0.75, is_least=True)
        yield Amount("export_first_byte_ms", sorted(first_bytes)[len(first_bytes) // 2] * 1e3, 100)
        yield Amount("export_memory_growth_mb", server.growth(EVERYTHING, session), 10)


def bare_lines(bare: psycopg.Connection) -> int:
    with bare.cursor() as cursor, cursor.copy(BARE) as copy:
        return sum(bytes(block).count(b"\n") for block in copy)


class Server:
    def __init__(self, pid: int, port: int) -> None:
        self.pid, self.port = pid, port

    def download(self, address: str, session: str) -> Download:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        start = time.perf_counter()
        asked.request("GET", address, headers={"Cookie": f"session={session}"})
        answer = asked.getresponse()
        assert answer.status == 200, answer.status
        block = answer.read1(1)
        first_byte = time.perf_counter() - start
        lines = 0
        while block:
            lines += block.count(b"\n")
            block = answer.read1(1 << 20)
        asked.close()
        return Download(first_byte, lines)

    def memory(self) -> float:
        """Megabytes that the server and its workers hold."""
        told = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,rss="], check=True, capture_output=True, text=True
        ).stdout
        processes = [tuple(map(int, line.split())) for line in told.splitlines()]
        return sum(rss for pid, parent, rss in processes if self.pid in (pid, parent)) / MEGABYTE

    def growth(self, address: str, session: str) -> float:
        """By how many megabytes one more download of everything raises that, at its highest."""
        before, highest = self.memory(), [0.0]
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(0.1):
                highest.append(self.memory())

        watching = threading.Thread(target=watch)
        watching.start()
        self.download(address, session)
        highest.append(self.memory())
        is_over.set()
        watching.join()
        return max(highest) - before


@contextmanager
def granian() -> Iterator[Server]:
    """The product behind its real web server, with one process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "4"),
        "omnichannel.wsgi:application",
    ]
    environment = {
        "LOG_LEVEL": "WARNING",
        "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        **os.environ,
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": web_address(),
    }
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            await_server(process, port)
            yield Server(process.pid, port)
        except BaseException:
            log.seek(0)
            print(log.read().decode(errors="replace")[-4000:])
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def web_address() -> str:
    """Of the database in use: a trial's is another one than the environment names."""
    asked = connection.get_connection_params()
    words = {
        name: str(asked[name]) for name in ("host", "port", "user", "password") if asked.get(name)
    }
    return f"postgresql:///{asked['dbname']}?{urlencode(words)}"


def await_server(process: subprocess.Popen, port: int) -> None:
    """Raises TimeoutError where nobody answers."""
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/livez")
            asked.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("granian did not answer")
