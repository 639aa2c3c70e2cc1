"""What a team would pick: one Celery task per delivery, with the ORM and a kept connection."""

import http.client
import os
import time
from functools import cache

from celery import Celery

NAME = "bench.deliver"
QUEUE = "bench"
app = Celery("one_by_one", broker=os.environ.get("BENCH_BROKER", ""))
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    broker_url=os.environ.get("BENCH_BROKER", ""), task_default_queue=QUEUE, beat_schedule={}
)


@cache
def connection(place: str) -> http.client.HTTPConnection:
    """One per process, kept."""
    return http.client.HTTPConnection(place, timeout=15)


@app.task(name=NAME)
def deliver(pk: int, place: str) -> None:
    # Models are there only when the worker has set Django up.
    from omnichannel.eventstream.models import Delivery  # noqa: PLC0415
    from omnichannel.eventstream.receivers import Callback, receiver  # noqa: PLC0415

    one = Delivery.objects.select_related("event", "integration").get(pk=pk)
    to = receiver(one.integration)
    assert isinstance(to, Callback)
    body = one.event.body.encode()
    kept = connection(place)
    kept.request("POST", "/", body, to.headers(str(one.event.uuid), int(time.time()), body))
    answer = kept.getresponse()
    answer.read()
    Delivery.objects.filter(pk=pk).update(state=Delivery.State.DELIVERED, attempts=1)
