"""The pages of the event stream in hostile hands: what must not break, leak or widen."""

import re
import time

import pytest
from django.db import transaction
from django.utils import timezone

from omnichannel.eventstream import demo_receiver, integrations
from omnichannel.eventstream.models import Attempt, Delivery, Event, Integration
from omnichannel.eventstream.outbox import publish
from omnichannel.eventstream.sealing import unseal
from omnichannel.eventstream.signing import signed, signing_key
from tests.people import person, signed_in

from .receiver import Server, answer

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/tools/event-stream/"


@pytest.fixture
def client():
    return signed_in(person("operations", "Corporate Operations"))


def register(name="erp", **fields):
    fields.setdefault("callback_url", "https://erp.example.com/")
    with transaction.atomic():
        return integrations.register(name, **fields)[0]


def stopped(name="erp", **fields):
    made = register(name, **fields)
    with transaction.atomic():
        integrations.stop(pk=made.pk)
    return made


def rejected(integration, number=1):
    with transaction.atomic():
        for n in range(number):
            publish("inventory_transaction.asn_closed", {"id": str(n)}, entity_id=f"ASN-{n}")
    rows = Delivery.objects.filter(integration=integration)
    rows.update(state=Delivery.State.REJECTED, finished_at=timezone.now())
    return list(rows.order_by("id"))


@pytest.mark.parametrize("row", ["x", "1", "85123A", "💩", "0" * 400])
@pytest.mark.parametrize("act", ["send", "drop"])
def test_a_row_that_is_none_is_refused_in_words(client, row, act):
    rejected(register())
    answered = client.post(f"{HOME}rejected/", {"act": act, "row": row})
    assert answered.status_code == 409
    assert Delivery.objects.get().state == Delivery.State.REJECTED


def test_a_change_of_the_address_widens_no_filter(client):
    made = stopped(event_filter=["order.created"], entity_filter=["inventory_count"])
    page = client.get(f"{HOME}integrations/erp/change/").content.decode()
    ticked = re.findall(r'name="(\w+_filter)" value="([^"]+)"[^>]* checked', page)
    told = {"callback_url": "https://new.example.com/"}
    for name, value in ticked:
        told.setdefault(name, []).append(value)
    client.post(f"{HOME}integrations/erp/change/", told)
    made.refresh_from_db()
    assert made.callback_url == "https://new.example.com/"
    assert (made.event_filter, made.entity_filter) == (["order.created"], ["inventory_count"])


def test_a_bucket_stays_a_bucket(client):
    with transaction.atomic():
        made = integrations.register(
            "lake",
            target="S3",
            bucket="events",
            aws_region="eu-central-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )[0]
    with transaction.atomic():
        integrations.stop(pk=made.pk)
    client.post(f"{HOME}integrations/lake/change/", {"callback_url": "https://new.example.com/"})
    made.refresh_from_db()
    assert (made.target, made.callback_url) == ("S3", "")


def test_a_try_on_the_change_page_uses_the_stored_key(client, settings):
    with Server() as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.place]}
        stopped(callback_url=server.url(), api_key="stored key")
        client.post(f"{HOME}integrations/erp/change/", {"callback_url": server.url(), "act": "try"})
        (call,) = server.calls
    assert call.headers.get("authorization") == "Bearer stored key"


def test_a_deleted_integrations_rejections_are_no_filter_hit(client):
    made = register()
    rejected(made)
    with transaction.atomic():
        integrations.delete(pk=made.pk)
    page = client.get(f"{HOME}events/?state=REJECTED").content.decode()
    assert "ASN-0" not in page


@pytest.mark.parametrize("name", ["erp", "other"])
def test_events_can_be_asked_by_integration(client, name):
    rejected(register())
    register("other")
    page = client.get(f"{HOME}events/?integration={name}").content.decode()
    assert ("ASN-0" in page) is (name == "erp")


@pytest.mark.parametrize("stamp", ["9" * 5_000, "٣", "-1", "", "1e9", "nan"])
def test_the_demo_inbox_answers_401_to_any_timestamp(client, settings, stamp):
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "DEMO_RECEIVER": "http://127.0.0.1:8000"}
    demo_receiver.register()
    client.raise_request_exception = False
    answered = client.post(
        f"{HOME}demo-receiver/inbox/",
        data=b"{}",
        content_type="application/json",
        headers={"webhook-id": "x", "webhook-timestamp": stamp, "webhook-signature": "v1,x"},
    )
    assert answered.status_code in {400, 401}


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"', b"{"])
def test_the_demo_inbox_survives_signed_nonsense(client, settings, body):
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "DEMO_RECEIVER": "http://127.0.0.1:8000"}
    made = demo_receiver.register()
    key = signing_key(unseal(made.sealed_secret))
    headers = signed([key], "x", int(time.time()), body)
    client.raise_request_exception = False
    answered = client.post(
        f"{HOME}demo-receiver/inbox/", data=body, content_type="application/json", headers=headers
    )
    assert answered.status_code == 400


def test_a_stranger_learns_nothing_of_the_demo_receiver_where_it_is_off():
    assert signed_in(None).get(f"{HOME}demo-receiver/").status_code == 404


def test_the_page_of_a_backlog_of_many_is_capped(client):
    made = register()
    now = timezone.now()
    event = Event.objects.bulk_create(
        Event(name="a.b", entity_id=str(n), published_at=now, body="{}") for n in range(12_000)
    )
    Delivery.objects.bulk_create(Delivery(event=e, integration=made, created_at=now) for e in event)
    page = client.get(HOME).content.decode()
    assert "10,000</td>" not in page
    assert "10,000+" in page


def test_the_replay_sends_the_oldest_first(client, settings):
    with Server() as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.place]}
        rows = rejected(register(callback_url=server.url()), 8)
        Delivery.objects.filter(pk=rows[0].pk).update(attempts=3)
        client.post(f"{HOME}rejected/", {"act": "send", "row": [str(r.uuid) for r in rows]})
        assert [c.headers["webhook-id"] for c in server.calls] == [
            str(u) for u in Event.objects.order_by("id").values_list("uuid", flat=True)
        ]


def test_who_repeats_a_registration_sees_that_it_is_there(client):
    told = {"name": "erp", "callback_url": "https://erp.example.com/"}
    assert b"whsec_" in client.post(f"{HOME}new/", told).content
    again = client.post(f"{HOME}new/", told)
    assert again.status_code == 409
    assert b"whsec_" not in again.content


def test_a_refused_address_is_said_beside_its_field(client):
    page = client.post(
        f"{HOME}new/", {"name": "erp", "callback_url": "http://169.254.169.254/", "act": "try"}
    )
    assert page.status_code == 400
    text = page.content.decode()
    assert 'id="id_callback_url_error"' in text
    assert 'aria-invalid="true"' in text
    assert Attempt.objects.count() == 0
    assert Integration.objects.count() == 0


def test_kept_text_of_a_try_is_escaped(client, settings):
    with Server({"/": [answer(500, body=b"<script>alert(1)</script>")]}) as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.place]}
        page = client.post(f"{HOME}new/", {"callback_url": server.url(), "act": "try"})
    assert b"<script>alert" not in page.content


def test_a_dropped_key_can_be_removed(client):
    made = stopped(api_key="old")
    page = client.get(f"{HOME}integrations/erp/change/").content.decode()
    assert 'name="no_api_key"' in page
    told = {"callback_url": made.callback_url, "no_api_key": "on"}
    assert client.post(f"{HOME}integrations/erp/change/", told).status_code == 302
    made.refresh_from_db()
    assert made.sealed_api_key == ""
