"""The short version of `make faults`: every receiver of F10 beside one that is well."""

import json
import resource
import ssl
import time

import pytest
from django.utils import timezone

from omnichannel.eventstream import egress
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Attempt, Delivery, Integration

from .hostile import behaviours
from .receiver import OK, Server
from .test_drain import tell, told
from .tls import certificate

WELL = {"/drip-body", "/gigabyte"}


@pytest.fixture
def quick(monkeypatch):
    """Seconds instead of a quarter of a minute."""
    monkeypatch.setattr(egress.Egress, "total_seconds", 1.5)
    monkeypatch.setattr(egress.Egress, "body_seconds", 0.5)


def allow(settings, *servers: Server) -> None:
    places = [server.place for server in servers]
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": places}


@pytest.mark.django_db(transaction=True)
def test_thirty_receivers_do_their_worst_and_nobody_else_notices(settings, quick):
    with Server() as elsewhere, Server(behaviours(elsewhere.url())) as evil, Server() as well:
        allow(settings, elsewhere, evil, well)
        healthy = Integration.objects.create(name="healthy", callback_url=well.url())
        paths = [path for path in evil.script if path != "/flapping"]
        assert len(paths) >= 30
        for path in paths:
            Integration.objects.create(name=path[1:], callback_url=evil.url(path))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.monotonic()
        tell(*range(3))
        drain(seconds=1)
        took = time.monotonic() - started
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert sorted(told(well)) == ["0", "1", "2"]
    assert elsewhere.connections == 0
    # No one holds the drain beyond the longest try.
    assert took < 60
    assert grown < 100_000
    states = Delivery.objects.exclude(integration=healthy).values_list("integration__name", "state")
    assert {f"/{name}" for name, state in states if state == "DELIVERED"} == WELL
    assert {state for _name, state in states} == {"DELIVERED", "PENDING"}
    failed = Attempt.objects.filter(status="FAILURE")
    assert set(failed.values_list("integration__name", flat=True)) == {
        path[1:] for path in paths if path not in WELL
    }
    assert all(len(body) <= egress.MOST_BYTES for body in failed.values_list("body", flat=True))
    assert not failed.filter(code=0, body="").exists()


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_flaps_gets_everything_in_the_end(settings):
    with Server({"/flapping": behaviours("")["/flapping"]}) as flapping:
        allow(settings, flapping)
        erp = Integration.objects.create(name="erp", callback_url=flapping.url("/flapping"))
        tell(*range(6))
        for _round in range(40):
            drain()
            Integration.objects.filter(resume_at__isnull=False).update(resume_at=timezone.now())
        erp.refresh_from_db()
        assert erp.status == "RUNNING"
        assert not Delivery.objects.filter(state="PENDING").exists()
        assert {json.loads(call.body)["payload"]["id"] for call in flapping.calls} == set("012345")


@pytest.mark.parametrize(
    ("name", "days", "is_known"),
    [("localhost", 1, False), ("other.example.com", 1, True), ("localhost", -1, True)],
)
def test_a_certificate_that_proves_nothing_gets_nothing(
    settings, tmp_path, monkeypatch, name, days, is_known
):
    context = certificate(tmp_path, name, days)
    if is_known:
        trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        monkeypatch.setattr(egress, "certificates", lambda: trusting)
    with Server(ssl=context) as evil:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [f"localhost:{evil.port}"]}
        found = send(f"https://localhost:{evil.port}/")
        assert "certificate" in found.body
        assert found.code == 0
        assert evil.calls == []


def test_plain_text_where_tls_was_promised(settings, monkeypatch):
    monkeypatch.setattr(egress, "CONNECT_SECONDS", 0.5)
    with Server({"/": [OK]}) as evil:
        allow(settings, evil)
        found = send(f"https://{evil.place}/")
        assert found.code == 0
        assert "No connection within" in found.body
        assert evil.calls == []


def test_a_name_that_nobody_knows(settings, monkeypatch):
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": ["nowhere.invalid"]}
    assert "could not be resolved" in send("https://nowhere.invalid/").body


@pytest.mark.parametrize(("interim", "code"), [(3, 200), (1_000, 0)])
def test_whoever_says_nothing_but_go_on_is_dropped(settings, interim, code):
    async def go_on(_call, writer):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * interim + OK)

    with Server({"/": [go_on]}) as server:
        allow(settings, server)
        found = send(server.url())
        assert found.code == code
        assert ("interim" in found.body) is (code == 0)


def test_a_port_that_nobody_listens_on(settings):
    with Server() as gone:
        pass
    allow(settings, gone)
    assert "No connection" in send(gone.url()).body


@pytest.mark.parametrize("key", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
def test_a_key_cannot_write_headers(settings, key):
    with Server() as sink:
        allow(settings, sink)
        assert send(sink.url(), {"Authorization": f"Bearer {key}"}).code == 0
        assert sink.calls == []


def test_a_certificate_of_a_known_authority_under_the_right_name_is_taken(
    settings, tmp_path, monkeypatch
):
    """The control: it is the certificate that the others failed by."""
    context = certificate(tmp_path, "localhost", 1)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    monkeypatch.setattr(egress, "certificates", lambda: trusting)
    with Server(ssl=context) as right:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [f"localhost:{right.port}"]}
        assert send(f"https://localhost:{right.port}/").code == 200


def send(address: str, headers: dict[str, str] | None = None) -> egress.Answer:
    return egress.call(address, b"{}", headers or {})
