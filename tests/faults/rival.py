"""The control: what is to be delivered lies in the broker, one message each."""

import http.client
import os
from urllib.parse import urlsplit

from celery import Celery

NAME = "faults.deliver"
app = Celery("rival", set_as_current=False, broker=os.environ.get("REDIS_URL", ""))
app.conf.update(
    # Whatever the broker's own protection can do.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_default_queue="default",
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 5,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
    },
)


@app.task(name=NAME)
def deliver(address: str, body: str) -> None:
    to = urlsplit(address)
    connection = http.client.HTTPConnection(to.netloc, timeout=60)
    try:
        connection.request("POST", to.path, body.encode())
        connection.getresponse().read()
    finally:
        connection.close()
