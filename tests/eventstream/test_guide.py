"""The receiver of docs/event-stream.md is run as it stands there."""

import os
import re
import threading
import time
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from omnichannel.eventstream.signing import new_secret, signed, signing_key

GUIDE = Path(__file__).parents[2] / "docs" / "event-stream.md"
BODY = b'{"name": "inventory_transaction.adjustment_created", "payload": {}}'


@pytest.fixture
def receiver(monkeypatch, capsys):
    """send(headers) → status, against the receiver of the guide."""
    secret = new_secret()
    monkeypatch.setitem(os.environ, "SECRET", secret)
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names = {"__name__": "guide"}
    exec(code, names)
    names["Receiver"].log_message = lambda *told: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), names["Receiver"])
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def send(headers):
        url = f"http://127.0.0.1:{server.server_port}/"
        request = urllib.request.Request(url, BODY, headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    send.key, send.seen = signing_key(secret), names["seen"]
    yield send
    server.shutdown()
    server.server_close()


def test_it_takes_what_we_sign_and_works_on_it_once(receiver):
    other = signing_key(new_secret())
    for keys in ([receiver.key], [other, receiver.key]):
        assert receiver(signed(keys, "message", int(time.time()), BODY)) == 204
    assert receiver.seen == {"message"}


def test_it_refuses_what_is_forged_or_old(receiver):
    now = int(time.time())
    assert receiver(signed([signing_key(new_secret())], "message", now, BODY)) == 401
    assert receiver(signed([receiver.key], "message", now - 3_600, BODY)) == 401
    assert receiver(signed([receiver.key], "message", now, BODY + b" ")) == 401
    assert receiver.seen == set()
