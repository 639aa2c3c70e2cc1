"""F2: events while the broker forgets, the worker is killed and the broker is away.

The faults stand between batches, not at times: a FLUSHALL follows a batch at once, while its
messages lie in the broker, however quick the machine is.
"""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from omnichannel.eventstream import integrations
from omnichannel.eventstream.models import Delivery
from omnichannel.eventstream.outbox import envelope, publish
from tests.eventstream.receiver import OK, Call, Server

from . import rival
from .rig import Rig, nudged_through, sealed_by_a_key

NAME = "inventory_transaction.asn_closed"
PRODUCT = "tests.faults.worker"
PRODUCT_OPTIONS = ("--beat", "--concurrency", "2")
RIVAL = "tests.faults.rival"
RIVAL_OPTIONS = ("--pool", "threads", "--concurrency", "16")
# It has nothing of Django, so that it is there in a moment.
RIVAL_ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": ""}


class Plan(NamedTuple):
    """Times in seconds; a receiver's answer takes `answering`, and the control is over after `quiet`
    in which nothing came."""

    events: int = 10_000
    batches: int = 100
    pause: float = 0.3
    flushes: int = 8
    kills: int = 2
    outage: float = 60.0
    lease: float = 0.0
    answering: float = 0.03
    patience: float = 300.0
    quiet: float = 8.0


class Told(NamedTuple):
    """What the receiver got of what was committed."""

    committed: int
    delivered: int
    lost: int
    duplicates: int

    def __str__(self) -> str:
        return (
            f"{self.committed} committed, {self.delivered} delivered, {self.lost} lost, "
            f"{self.duplicates} duplicates"
        )


def slow(seconds: float) -> Callable:
    async def reply(call: Call, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(OK)
        await writer.drain()

    return reply


def faults(plan: Plan, rig: Rig, sink: Server) -> dict[int, Callable[[], None]]:
    """By the number of the batch that they follow: spread over the first 60 %, then the outage."""

    def kill_amid() -> None:
        """While a receiver has heard and not answered yet."""
        end = time.monotonic() + plan.patience
        while not sink.open and time.monotonic() < end:
            time.sleep(0.001)
        rig.kill_worker()

    acts = [rig.flush] * plan.flushes
    for kill in range(plan.kills):
        acts.insert((kill + 1) * len(acts) // (plan.kills + 1), kill_amid)
    step = plan.batches * 0.6 / max(1, len(acts))
    return {int((number + 1) * step) - 1: act for number, act in enumerate(acts)}


def run(plan: Plan, rig: Rig, sink: Server, commit: Callable[[list[str]], None]) -> list[str]:
    """Every id that was committed."""
    size = plan.events // plan.batches
    after = faults(plan, rig, sink)
    assert len(after) == plan.flushes + plan.kills
    away_from, back_at = plan.batches * 7 // 10, float("inf")
    committed: list[str] = []
    for number in range(plan.batches):
        batch = [f"{number}-{one}" for one in range(size)]
        commit(batch)
        committed += batch
        after.get(number, lambda: None)()
        if number == away_from:
            rig.lose_broker()
            back_at = time.monotonic() + plan.outage
        if time.monotonic() > back_at:
            rig.find_broker()
            back_at = float("inf")
        time.sleep(plan.pause)
    if back_at < float("inf"):
        time.sleep(max(0.0, back_at - time.monotonic()))
        rig.find_broker()
    return committed


def told(committed: list[str], sink: Server) -> Told:
    got = [json.loads(call.body)["payload"]["id"] for call in sink.calls]
    delivered = set(got) & set(committed)
    return Told(
        len(committed), len(delivered), len(set(committed) - delivered), len(got) - len(set(got))
    )


def storm(plan: Plan, folder: Path) -> Told:
    """The product in the storm; every delivery is marked, too."""
    with Server({"/": [slow(plan.answering)]}) as sink, sealed_by_a_key():
        with patch.dict(settings.EVENT_STREAM, ALLOW=[sink.place]), transaction.atomic():
            integrations.register("storm", callback_url=sink.url())
        environment = {"EVENT_STREAM_ALLOW": sink.place, "FAULTS_LEASE": str(plan.lease)}
        options = (*PRODUCT_OPTIONS, "--schedule", str(folder / "beat"))
        with Rig(folder, PRODUCT, options, environment) as rig, nudged_through(rig.app):
            committed = run(plan, rig, sink, publish_all)
            end = time.monotonic() + plan.patience
            waiting = Delivery.objects.filter(state=Delivery.State.PENDING)
            while waiting.exists() and time.monotonic() < end:
                time.sleep(0.1)
        return told(committed, sink)


def publish_all(batch: list[str]) -> None:
    with transaction.atomic():
        for one in batch:
            publish(NAME, {"id": one}, entity_id=one)


def without_outbox(plan: Plan, folder: Path) -> Told:
    """The control: the same storm over one message per delivery, until nothing arrives any more."""
    with (
        Server({"/": [slow(plan.answering)]}) as sink,
        Rig(folder, RIVAL, RIVAL_OPTIONS, RIVAL_ENVIRONMENT) as rig,
    ):
        committed = run(plan, rig, sink, lambda batch: send_all(rig, sink.url(), batch))
        quiet_since, seen = time.monotonic(), 0
        while time.monotonic() - quiet_since < plan.quiet:
            if len(sink.calls) != seen:
                quiet_since, seen = time.monotonic(), len(sink.calls)
            time.sleep(0.1)
        return told(committed, sink)


def send_all(rig: Rig, address: str, batch: list[str]) -> None:
    for one in batch:
        try:
            body = envelope(NAME, {"id": one}, timezone.now())
            rig.app.send_task(rival.NAME, [address, body], retry=False)
        except Exception:
            # The act is committed all the same: this is the harm.
            if not rig.valkey.is_running:
                # A try takes a second; those behind it would find nobody either.
                return
