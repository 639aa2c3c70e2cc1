"""What a team would pick: one Celery task per delivery, with the ORM and a kept connection."""

import http.client
import os
import time
from functools import cache
from importlib import import_module
from typing import Any

from celery import Celery

NAME = "bench.deliver"
QUEUE = "bench"
app = Celery("one_by_one", set_as_current=False, broker=os.environ.get("BENCH_BROKER", ""))
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    broker_url=os.environ.get("BENCH_BROKER", ""), task_default_queue=QUEUE, beat_schedule={}
)


@cache
def connection(place: str) -> http.client.HTTPConnection:
    """One per process, kept."""
    return http.client.HTTPConnection(place, timeout=15)


@cache
def rooms() -> tuple[Any, Any]:
    """Models are there only when the worker has set Django up."""
    return (
        import_module("omnichannel.eventstream.models"),
        import_module("omnichannel.eventstream.receivers"),
    )


@app.task(name=NAME)
def deliver(pk: int, place: str) -> None:
    models, receivers = rooms()
    one = models.Delivery.objects.select_related("event", "integration").get(pk=pk)
    to = receivers.receiver(one.integration)
    body = one.event.body.encode()
    kept = connection(place)
    kept.request("POST", "/", body, to.headers(str(one.event.uuid), int(time.time()), body))
    answer = kept.getresponse()
    answer.read()
    models.Delivery.objects.filter(pk=pk).update(state="DELIVERED", attempts=1)
