"""What is sent at once: one event to a callback, or a file of events to a bucket."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID


class Claimed(NamedTuple):
    """One delivery under our lease; `attempts` counts the try that is about to begin."""

    id: int
    lease: int
    attempts: int
    integration_id: int
    event_id: int
    event_uuid: UUID
    body: str


class Parcel(NamedTuple):
    """Deliveries that one request carries. `is_probe`: it tells whether a failing stream is well again.

    `until` is the monotonic time after which no try may begin: the lease has to outlive it.
    """

    integration_id: int
    deliveries: Sequence[Claimed]
    is_probe: bool
    until: float


class Outcome(NamedTuple):
    """What became of a parcel. `code` None: it was never sent, and its try does not count."""

    parcel: Parcel
    code: int | None
    body: str = ""
    milliseconds: int = 0
    retry_after: float | None = None
    # Seconds since the epoch.
    attempted_at: float = 0.0
    filename: str = ""
