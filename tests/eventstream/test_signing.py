import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from omnichannel.eventstream import integrations, sealing
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Integration
from omnichannel.eventstream.receivers import Unreadable, opened, receiver
from omnichannel.eventstream.sealing import CannotUnseal, seal, unseal

from .receiver import Server
from .test_drain import tell

KEY = "the-key-of-the-erp"


@pytest.fixture
def sink(settings):
    with Server() as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.place]}
        yield server


def verified(secret: str, call) -> dict:
    return Webhook(secret).verify(call.body, call.headers)


@pytest.mark.django_db(transaction=True)
def test_the_official_verifier_takes_every_delivery_before_during_and_after_a_rotation(sink):
    with transaction.atomic():
        erp, old = integrations.register("erp", callback_url=sink.url(), api_key=KEY)
    tell("Größe \N{PILE OF POO}")
    drain()
    (before,) = sink.calls
    assert verified(old, before) == json.loads(before.body)
    with transaction.atomic():
        new = integrations.rotate_secret(pk=erp.pk)
    assert new != old
    tell(2)
    drain()
    during = sink.calls[1]
    assert verified(old, during) == verified(new, during)
    past = timezone.now() - timedelta(seconds=1)
    Integration.objects.update(previous_secret_until=past)
    tell(3)
    drain()
    after = sink.calls[2]
    assert verified(new, after)
    with pytest.raises(WebhookVerificationError):
        verified(old, after)
    assert len({call.headers["webhook-id"] for call in sink.calls}) == 3


@pytest.mark.django_db(transaction=True)
def test_one_changed_byte_is_noticed(sink):
    with transaction.atomic():
        _erp, secret = integrations.register("erp", callback_url=sink.url())
    tell(1)
    drain()
    (call,) = sink.calls
    changed = call._replace(body=call.body.replace(b'"1"', b'"2"'))
    with pytest.raises(WebhookVerificationError):
        verified(secret, changed)


@pytest.mark.django_db(transaction=True)
def test_a_raw_select_finds_no_secret(sink):
    with transaction.atomic():
        erp, first = integrations.register(
            "erp",
            callback_url=sink.url(),
            api_key=KEY,
            aws_access_key_id="AKIA-OF-THE-BUCKET",
            aws_secret_access_key="secret-of-the-bucket",
        )
        second = integrations.rotate_secret(pk=erp.pk)
    tell(1)
    drain()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [text for (text,) in cursor.fetchall()]
    everything = "\n".join(rows)
    assert '"id":"1"' in everything.replace("\\", "").replace('""', '"')
    for secret in (KEY, first, second, "AKIA-OF-THE-BUCKET", "secret-of-the-bucket"):
        assert secret not in everything
        assert secret.removeprefix("whsec_") not in everything


def test_a_seal_opens_under_the_old_key_and_under_no_other(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "one" * 20, []
    sealed = seal("secret")
    assert "secret" not in sealed
    assert seal("secret") != sealed
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "two" * 20, ["one" * 20]
    assert unseal(sealed) == "secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(CannotUnseal):
        unseal(sealed)
    assert sealing.unseal("") == seal("") == ""


@pytest.mark.django_db
def test_a_lost_key_sends_nothing_unsigned(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "one" * 20, []
    erp, _secret = integrations.register("erp", callback_url="https://erp.example.com/")
    settings.SECRET_KEY = "two" * 20
    opened.cache_clear()
    assert receiver(erp) == Unreadable()
