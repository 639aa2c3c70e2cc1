"""F11: every vector on every way in, and a canary that counts who reached private space."""

import socket

import aiohttp
import pytest
from django.db import transaction
from yarl import URL

from omnichannel.accounts.scopes import EVENT_STREAM_READ, EVENT_STREAM_WRITE
from omnichannel.eventstream import addresses, egress, integrations, loops
from omnichannel.eventstream.addresses import Refused, checked, is_public, literal_of
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Attempt, Integration

from .receiver import Server, answer
from .test_api import Caller
from .test_drain import tell

HOSTS = [
    "127.0.0.1",
    "127.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "100.64.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "198.18.0.1",
    "192.0.0.1",
    "240.0.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[fe80::1%25eth0]",
    "[fe80::1]",
    "[localhost]",
    "user@127.0.0.1",
    "erp.example.com@127.0.0.1",
    "127.0.0.1\\erp.example.com",
    "erp.example.com\\@127.0.0.1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "127%2e0%2e0%2e1",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "127.0.0.1%0d%0aX:1",
    "mixed.test",
    "internal.test",
    "alias.test",
    "metadata.internal",
]
# `{port}` is where the canary listens.
WHOLE = [
    "http://a#@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@erp.example.com/",
    "http://erp.example.com:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/\r\nX-Evil: 1",
    "http://127.0.0.1:{port}/\tx",
    " http://127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "unix:///var/run/docker.sock",
    "https://erp.example.com:22/",
    "https://erp.example.com:25/",
    "https://erp.example.com:5432/",
    "https://erp.example.com:6379/",
    "https://erp.example.com:0/",
    "https://erp.example.com:99999/",
    "https://erp.example.com:x/",
    "https://",
    "",
    "https://" + "a" * 3_000,
]
ANSWERS = {
    "mixed.test": ["93.184.215.14", "127.0.0.1"],
    "internal.test": ["127.0.0.1"],
    "alias.test": ["::ffff:127.0.0.1"],
    "metadata.internal": ["169.254.169.254"],
    "erp.example.com": ["127.0.0.1"],
}
RESOLVED = ("mixed.test", "internal.test", "alias.test")


def vectors(port: int) -> list[str]:
    of_hosts = [f"{scheme}://{host}:{port}/" for host in HOSTS for scheme in ("http", "https")]
    return of_hosts + [whole.format(port=port) for whole in WHOLE]


@pytest.fixture
def canary(settings, monkeypatch):
    """Every scheme and the canary's port are open, so that the address alone decides."""
    with Server() as server:
        settings.EVENT_STREAM = {
            **settings.EVENT_STREAM,
            "SCHEMES": ["http", "https"],
            "PORTS": [443, server.port],
            "ALLOW": [],
        }
        real = socket.getaddrinfo

        def stub(host, port, *words, **options):
            if host in ANSWERS:
                return [
                    (
                        socket.AF_INET6 if ":" in address else socket.AF_INET,
                        socket.SOCK_STREAM,
                        6,
                        "",
                        (address, port),
                    )
                    for address in ANSWERS[host]
                ]
            return real(host, port, *words, **options)

        monkeypatch.setattr(socket, "getaddrinfo", stub)
        yield server


def send(address: str) -> egress.Answer:
    async def main() -> egress.Answer:
        async with egress.Egress() as out:
            return await out.send(address, b"{}", {})

    return loops.run(main())


@pytest.mark.django_db
def test_no_vector_is_registered_and_none_is_patched_in(canary):
    erp, _secret = integrations.register(
        "erp", callback_url="https://erp.example.com/", status="STOPPED"
    )
    for vector in vectors(canary.port):
        if any(name in vector for name in RESOLVED):
            continue
        with pytest.raises(Refused):
            integrations.register("evil", callback_url=vector)
        with pytest.raises(Refused):
            integrations.change(pk=erp.pk, callback_url=vector)
    erp.refresh_from_db()
    assert erp.callback_url == "https://erp.example.com/"
    assert Integration.objects.count() == 1
    assert canary.connections == 0


@pytest.mark.django_db(transaction=True)
def test_no_vector_comes_in_by_the_api(canary):
    """Registered, patched in, or given to a bucket's region and name; 400, and nothing changes."""
    call = Caller(EVENT_STREAM_READ, EVENT_STREAM_WRITE)
    stream = "/api/v1/org/integrations/eventstream"
    good = {"callback_url": "https://erp.example.com/"}
    new = {"id": "erp", "integration_type": "permanent", "callback_parameters": good}
    assert call("POST", stream, new).status_code == 200
    assert call("POST", f"{stream}/erp/_stop").status_code == 200
    before = Integration.objects.values().get()
    for number, vector in enumerate(vectors(canary.port)):
        if any(name in vector for name in RESOLVED):
            continue
        parameters = {"callback_parameters": {"callback_url": vector}}
        made = call("POST", stream, {**new, "id": "evil", **parameters})
        assert (made.status_code, made.json()["error_code"]) == (400, "invalid_data"), vector
        assert call("PATCH", f"{stream}/erp", parameters).status_code == 400, vector
        if number % 10:
            continue
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        bucket = {**keys, "aws_region": vector, "bucket": vector}
        made = call(
            "POST", stream, {"id": "evil", "integration_type": "permanent", "s3_parameters": bucket}
        )
        assert made.status_code == 400, vector
    assert Integration.objects.values().get() == before
    assert canary.connections == 0


def test_no_vector_is_called_even_if_it_was_written_past_every_check(canary):
    for vector in vectors(canary.port):
        found = send(vector)
        assert found.code == 0, vector
    assert canary.connections == 0


@pytest.mark.django_db(transaction=True)
def test_a_delivery_to_each_fails_without_a_connection(canary):
    for number, vector in enumerate(vectors(canary.port)):
        Integration.objects.create(name=f"evil-{number}", callback_url=vector)
    tell(1)
    drain()
    assert canary.connections == 0
    tried = Attempt.objects.filter(code=0).values("integration").distinct()
    assert tried.count() == Integration.objects.count()
    assert not Attempt.objects.exclude(code=0).exists()


def test_with_the_guard_off_the_canary_is_hit(canary, monkeypatch):
    """The control: the vectors do lead to private space."""
    monkeypatch.setattr(egress, "checked", lambda text: URL(text))
    monkeypatch.setattr(egress, "may_connect", lambda address, host, port: True)
    for vector in vectors(canary.port):
        if vector.startswith("http://") and any(
            host in vector for host in ("127.", "localhost", "2130", "0x7f", ".test", "[::ffff:")
        ):
            send(vector)
    assert canary.connections > 10


def test_a_redirect_is_never_followed(canary, settings, monkeypatch):
    with Server() as first:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [first.place]}
        for vector in vectors(canary.port):
            if vector.isascii() and vector.isprintable():
                first.script["/"] = [answer(307, f"Location: {vector}")]
                assert send(first.url()).code == 307
        assert len(first.calls) > 80
    assert canary.connections == 0


def test_control_whoever_follows_redirects_is_led_to_the_canary(canary, settings, monkeypatch):
    request = aiohttp.ClientSession.request

    def following(session, *words, **options):
        return request(session, *words, **{**options, "allow_redirects": True})

    monkeypatch.setattr(aiohttp.ClientSession, "request", following)
    with Server({"/": [answer(307, f"Location: {canary.url()}")]}) as first:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [first.place]}
        assert send(first.url()).code == 200
    assert canary.connections == 1


@pytest.mark.django_db(transaction=True)
def test_control_what_is_registered_or_patched_in_unchecked_is_delivered(canary, monkeypatch):
    for module in (integrations, egress):
        monkeypatch.setattr(module, "checked", lambda text: URL(text))
    with transaction.atomic():
        integrations.register("evil", callback_url=canary.url())
    erp = Integration.objects.create(
        name="erp", callback_url="https://erp.example.com/", status="STOPPED"
    )
    with transaction.atomic():
        integrations.change(pk=erp.pk, callback_url=canary.url())
    Integration.objects.update(status="RUNNING")
    tell(1)
    assert drain() == 2
    assert canary.connections == 2


def test_a_name_is_asked_once_and_the_connection_goes_where_it_was_checked(monkeypatch, settings):
    """Rebinding: public at the check and private a moment later. 127.0.0.2 stands for public."""
    asked = []

    def rebinding(host, port, *words, **options):
        asked.append(host)
        address = "127.0.0.2" if len(asked) % 2 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with Server() as private, Server(host="127.0.0.2", port=private.port) as public:
        settings.EVENT_STREAM = {
            **settings.EVENT_STREAM,
            "SCHEMES": ["http"],
            "PORTS": [private.port],
        }
        for module in (addresses, egress):
            monkeypatch.setattr(module, "is_public", lambda found: str(found) == "127.0.0.2")
        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        answers = [send(f"http://rebinding.test:{private.port}/").code for _try in range(6)]
        assert sorted(set(answers)) == [0, 200]
        assert len(asked) == 6
        assert public.connections == 3
        assert {call.headers["host"] for call in public.calls} == {f"rebinding.test:{private.port}"}
        assert private.connections == 0


def test_no_proxy_of_the_environment_is_asked(canary, settings, monkeypatch):
    with Server() as target:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [target.place]}
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, canary.url())
        assert send(target.url()).code == 200
    assert canary.connections == 0


def test_what_a_private_server_answers_is_kept_from_the_user(settings):
    with Server({"/": [answer(200, body=b"secret of the house")]}) as private:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [private.place]}
        found = send(private.url())
    assert (found.code, found.body) == (200, "")


@pytest.mark.parametrize(
    ("entry", "url", "is_open"),
    [
        ("10.2.0.0/16", "https://10.2.3.4/", True),
        ("10.2.0.0/16", "https://10.3.3.4/", False),
        ("10.2.3.4:8080", "http://10.2.3.4:8080/", True),
        ("10.2.3.4:8080", "http://10.2.3.4:8081/", False),
        ("erp.internal", "https://erp.internal/", True),
        ("ERP.internal:8080", "http://erp.internal:8080/x", True),
        ("erp.internal:8080", "http://erp.internal/", False),
        ("erp.internal", "https://evil.erp.internal/", False),
        ("[fd00::1]:8080", "http://[fd00::1]:8080/", True),
        ("fd00::/8", "https://[fd00::2]/", True),
    ],
)
def test_what_is_allowed_for_an_erp_in_the_house(settings, entry, url, is_open):
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [entry]}
    if is_open:
        assert str(checked(url))
    else:
        with pytest.raises(Refused):
            checked(url)


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::1"]
)
def test_the_public_internet_is_open(text):
    assert is_public(literal_of(text))


@pytest.mark.parametrize("text", ["2001:db8::1", "2001::1", "2002::1", "::1", "fe80::1", "ff02::1"])
def test_tunnels_examples_and_neighbours_are_not(text):
    assert not is_public(literal_of(text))
