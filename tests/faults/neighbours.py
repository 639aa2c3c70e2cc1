"""F10: thirty receivers that do their worst beside one that is well, and how late that one hears.

Rounds alone and beside them take turns in one run, so that a busy machine slows both alike.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from django.conf import settings
from django.db import transaction

from omnichannel.eventstream import integrations
from omnichannel.eventstream.models import Delivery, Integration
from omnichannel.eventstream.outbox import publish
from tests.eventstream.receiver import Call, Server

from .rig import Rig, nudged_through, sealed_by_a_key
from .storm import PRODUCT, PRODUCT_OPTIONS

TO_THE_WELL = "inventory_transaction.adjustment_created"
TO_THE_ILL = "inventory_transaction.asn_closed"


class Plan(NamedTuple):
    """`rounds` of each kind; a round sends `events`, one every `pause` seconds.

    Every so many of them one goes to the hostile ones, too. With a `pool` isolation is off: all
    integrations share so many connections.
    """

    rounds: int = 6
    events: int = 400
    pause: float = 0.02
    every: int = 20
    pool: int = 0


CONTROL = Plan(rounds=1, pool=2)
PATIENCE = 120.0


class Told(NamedTuple):
    """99th percentiles of seconds from the act to the receiver, and how many others there were."""

    alone: float
    beside: float
    others: int
    elsewhere: int


class Listener(Server):
    """Remembers when each call came."""

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []

    async def read(self, reader: object) -> Call | None:
        call = await super().read(reader)  # type: ignore[arg-type]
        if call:
            told = datetime.fromisoformat(json.loads(call.body)["published_at"])
            self.delays.append(time.time() - told.timestamp())
        return call


@contextmanager
def hostile_receivers() -> Iterator[tuple[str, list[str], Server]]:
    """Their place and paths, in a process of their own; where redirects lead, counted here."""
    with Server() as elsewhere:
        # Theirs are other machines: what they burn is not taken from the worker.
        command = [
            *("nice", "-n", "19", sys.executable),
            *("-m", "tests.faults.hostile_receivers", elsewhere.url()),
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        place, *paths = json.loads(process.stdout.readline())
        try:
            yield place, paths, elsewhere
        finally:
            process.kill()
            process.communicate()


def neighbours(plan: Plan, folder: Path) -> Told:
    with hostile_receivers() as (place, paths, elsewhere), Listener() as well, sealed_by_a_key():
        allowed = [place, well.place, elsewhere.place]
        with patch.dict(settings.EVENT_STREAM, ALLOW=allowed):
            register(well, place, paths)
        environment = {"EVENT_STREAM_ALLOW": ",".join(allowed), "FAULTS_POOL": str(plan.pool)}
        options = (*PRODUCT_OPTIONS, "--schedule", str(folder / "beat"))
        with Rig(folder, PRODUCT, options, environment) as rig, nudged_through(rig.app):
            measured: dict[bool, list[float]] = {False: [], True: []}
            one_round(plan, well, False)
            for number in range(2 * plan.rounds):
                is_beside = bool(number % 2)
                measured[is_beside] += one_round(plan, well, is_beside)
        return Told(p99(measured[False]), p99(measured[True]), len(paths), elsewhere.connections)


def register(well: Server, place: str, paths: list[str]) -> None:
    Integration.objects.all().delete()
    with transaction.atomic():
        integrations.register("well", callback_url=well.url(), event_filter=[TO_THE_WELL])
    # Past the limit of 25, which is one of the API.
    Integration.objects.bulk_create(
        Integration(
            name=f"ill-{number}",
            callback_url=f"http://{place}{path}",
            event_filter=[TO_THE_ILL],
            status=Integration.Status.STOPPED,
        )
        for number, path in enumerate(paths)
    )


def one_round(plan: Plan, well: Listener, is_beside: bool) -> list[float]:
    """Seconds that each of the round's events took to the one that is well.

    All the others begin each round afresh, as if none of them had failed yet.
    """
    ill = Integration.objects.filter(name__startswith="ill-")
    Delivery.objects.filter(integration_id__in=ill.values("pk"), state="PENDING").update(
        state=Delivery.State.CANCELLED
    )
    ill.update(status="RUNNING" if is_beside else "STOPPED", failures=0, resume_at=None)
    before = len(well.delays)
    for number in range(plan.events):
        with transaction.atomic():
            publish(TO_THE_WELL, {"id": str(number)}, entity_id=str(number))
            if is_beside and number % plan.every == 0:
                publish(TO_THE_ILL, {"id": str(number)}, entity_id=str(number))
        time.sleep(plan.pause)
    end = time.monotonic() + PATIENCE
    while len(well.delays) < before + plan.events and time.monotonic() < end:
        time.sleep(0.05)
    found = well.delays[before:]
    missing = plan.events - len(found)
    assert plan.pool or not missing, "the receiver that is well did not get everything"
    return found + [PATIENCE] * missing


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
