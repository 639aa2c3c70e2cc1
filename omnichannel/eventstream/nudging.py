"""A nudge wakes the drain; one that is lost costs seconds, and is counted (RELIABILITY rule 12)."""

import logging
import time

from celery import current_app
from django.db import connection, transaction
from prometheus_client import Counter

logger = logging.getLogger(__name__)

DRAIN = "eventstream.drain"
# A drain looks again for longer than this before it ends, so one nudge serves them all.
QUIET_SECONDS = 0.2
FAILED = Counter(
    "omnichannel_eventstream_nudges_failed", "Nudges to the drain that the broker did not take."
)
last_nudge = 0.0


def nudge_on_commit() -> None:
    """Once per transaction, however many events it publishes."""
    if not any(act is nudge for _ids, act, _robust in connection.run_on_commit):  # type: ignore[misc]
        transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Wake the drain. The act is committed: a broker that is gone must not fail it."""
    global last_nudge
    if time.monotonic() - last_nudge < QUIET_SECONDS:
        return
    last_nudge = time.monotonic()
    try:
        current_app.send_task(DRAIN, expires=60)
    except Exception as error:
        FAILED.inc()
        logger.warning("eventstream: nudge failed, the sweep delivers instead: %s", error)
