"""Where a file is fetched from: nowhere private, no further than asked, and not without an end."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import LazySettings

from omnichannel.imports import fetching
from omnichannel.imports.rows import BadFile
from omnichannel.jobs.lease import Cancelled
from omnichannel.jobs.progress import Silent

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A file server on this machine; `asked` is what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Answer = lambda request: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.http.server_port}"

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def allowed(server: Server, settings: LazySettings) -> Server:
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.host]}
    return server


def sends(data: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def fetched(address: str, folder: Path, progress: object = None) -> bytes:
    target = folder / "file"
    fetching.fetch(address, target, progress or Silent())
    return target.read_bytes()


def test_control_an_allowed_address_is_fetched_byte_by_byte(allowed, tmp_path):
    data = bytes(range(256)) * 3_000
    allowed.answer = sends(data)
    assert fetched(f"http://{allowed.host}/products.zip?key=a%2Fb", tmp_path) == data
    assert allowed.asked == ["/products.zip?key=a%2Fb"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_private_address_is_not_followed(allowed, tmp_path, status):
    private = Server()
    private.answer = sends(b"secret")
    allowed.answer = sends(b"", status, Location=f"http://{private.host}/products.zip")
    with pytest.raises(BadFile, match=f"status {status}"):
        fetched(f"http://{allowed.host}/products.zip", tmp_path)
    private.close()
    assert private.asked == []


def test_control_without_the_rule_the_private_address_is_asked(allowed, tmp_path, monkeypatch):
    """The guard of redirects is what keeps the call away, not the server."""
    private = Server()
    private.answer = sends(b"secret")
    allowed.answer = sends(b"", 302, Location=f"http://{private.host}/products.zip")
    request = fetching.aiohttp.ClientSession.get

    def following(session, url, **options):
        return request(session, url, **{**options, "allow_redirects": True})

    monkeypatch.setattr(fetching.aiohttp.ClientSession, "get", following)
    fetched(f"http://{allowed.host}/products.zip", tmp_path)
    private.close()
    assert private.asked == ["/products.zip"]


def test_an_address_that_is_not_allowed_is_never_asked(server, tmp_path):
    server.answer = sends(b"secret")
    for scheme in ("http", "https"):
        with pytest.raises(BadFile):
            fetched(f"{scheme}://{server.host}/products.zip", tmp_path)
    assert server.asked == []


def test_a_name_that_leads_into_the_house_is_not_followed(server, tmp_path, monkeypatch):
    """Allowed when it was written, private when it is looked up: rebinding."""
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: answer)
    with pytest.raises(BadFile, match="not on the public internet"):
        fetched("https://files.example.org/products.zip", tmp_path)


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 410, 429, 500, 503])
def test_whatever_is_not_200_is_no_file(allowed, tmp_path, status):
    allowed.answer = sends(b"" if status == 204 else b"nothing here", status)
    with pytest.raises(BadFile, match=str(status)):
        fetched(f"http://{allowed.host}/products.zip", tmp_path)


def test_a_file_that_ends_early_is_no_file(allowed, tmp_path):
    allowed.answer = sends(b"half", **{"Content_Length": "1000"})
    with pytest.raises(BadFile, match="could not be fetched"):
        fetched(f"http://{allowed.host}/products.zip", tmp_path)


def test_a_file_that_never_ends_is_given_up_at_the_limit(allowed, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_BYTES", 3_000_000)

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while True:
                request.wfile.write(bytes(100_000))
        except OSError:
            return

    allowed.answer = endless
    with pytest.raises(BadFile, match="larger than 3 MB"):
        fetched(f"http://{allowed.host}/products.zip", tmp_path)
    assert (tmp_path / "file").stat().st_size <= 3_000_000


def test_what_says_that_it_is_packed_is_kept_as_it_came(allowed, tmp_path):
    """A gzip bomb is not unpacked on the way."""
    allowed.answer = sends(b"\x1f\x8b not really", Content_Encoding="gzip")
    assert fetched(f"http://{allowed.host}/products.zip", tmp_path) == b"\x1f\x8b not really"


class Impatient(Silent):
    """Progress of somebody who cancels at the second word."""

    def __init__(self) -> None:
        self.told = 0

    def tell(self, done: int, total: int | None = None) -> None:
        self.told += 1
        if self.told == 2:
            raise Cancelled


def test_a_slow_server_keeps_the_job_and_can_be_cancelled(allowed, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS_BETWEEN", 0.01)
    gone = threading.Event()

    def dripping(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while not gone.is_set():
                request.wfile.write(bytes(fetching.BLOCK))
                time.sleep(0.02)
        except OSError:
            gone.set()

    allowed.answer = dripping
    progress = Impatient()
    with pytest.raises(Cancelled):
        fetched(f"http://{allowed.host}/products.zip", tmp_path, progress)
    assert progress.told == 2
    assert gone.wait(180), "the connection was closed"


def test_nobody_there_is_told_in_words(settings, tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{held.getsockname()[1]}"
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [host]}
        with pytest.raises(BadFile, match="could not be fetched"):
            fetched(f"http://{host}/products.zip", tmp_path)
