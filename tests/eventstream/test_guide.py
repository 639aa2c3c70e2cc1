"""The receiver of docs/event-stream.md does what the guide says of it."""

import http.client
import http.server
import json
import re
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import transaction

from omnichannel.eventstream import integrations
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Delivery
from omnichannel.eventstream.signing import new_secret, signed, signing_key

from .test_drain import CLOSED, states, tell

GUIDE = Path(__file__).parents[2] / "docs" / "event-stream.md"


@pytest.fixture
def guide(monkeypatch):
    """`receive(secret)` starts the guide's receiver; `handled` is what it did with events."""
    code = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.S)[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    servers, handled = [], []

    def receive(secret: str) -> str:
        room: dict = {"handle": handled.append}
        exec(code.replace("whsec_…", secret), room)
        monkeypatch.setattr(room["Receiver"], "log_message", lambda self, *words: None)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), room["Receiver"])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_address[1]}"

    yield SimpleNamespace(receive=receive, handled=handled)
    for server in servers:
        server.shutdown()
        server.server_close()


def post(place: str, body: bytes, headers: dict[str, str]) -> int:
    line = http.client.HTTPConnection(place, timeout=10)
    line.request("POST", "/", body, headers)
    status = line.getresponse().status
    line.close()
    return status


@pytest.mark.django_db(transaction=True)
def test_it_takes_each_event_once_also_during_a_rotation(guide, settings):
    with transaction.atomic():
        erp, secret = integrations.register("erp", callback_url="https://erp.example.com/")
    place = guide.receive(secret)
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [place]}
    integrations.Integration.objects.update(callback_url=f"http://{place}/")
    tell("Größe", 2)
    drain()
    Delivery.objects.update(state="PENDING", finished_at=None)
    drain()
    with transaction.atomic():
        integrations.rotate_secret(pk=erp.pk)
    tell(3)
    drain()
    assert set(states(erp)) == {"DELIVERED"}
    assert {event["name"] for event in guide.handled} == {CLOSED}
    assert sorted(event["payload"]["id"] for event in guide.handled) == ["2", "3", "Größe"]


def test_it_refuses_whatever_we_did_not_sign(guide):
    secret, body, now = new_secret(), b'{"payload": {}}', int(time.time())
    place = guide.receive(secret)

    def headers(key: str = secret, at: int = now) -> dict[str, str]:
        return signed([signing_key(key)], "event-1", at, body)

    assert post(place, body + b" ", headers()) == 401
    assert post(place, body, headers(new_secret())) == 401
    assert post(place, body, headers(at=now - 600)) == 401
    assert post(place, body, {}) == 401
    assert post(place, body, {**headers(), "webhook-id": "event-2"}) == 401
    assert post(place, body, {**headers(), "webhook-signature": "v1,\xe9 v2,x"}) == 401
    assert guide.handled == []
    # The control: it is the signature that the others failed by.
    assert post(place, body, headers()) == 200
    assert guide.handled == [json.loads(body)]
