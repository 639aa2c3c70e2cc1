"""What an answer means, and when a try is repeated (CONTRACT §3.1 and its decisions)."""

from enum import Enum

# Seconds before each of the ten retries: 20 minutes and 8 seconds in all.
DELAYS = (1, 2, 5, 10, 20, 40, 80, 150, 300, 600)
RETRIES = len(DELAYS)
TRIES = RETRIES + 1
# A receiver may ask for more patience than the schedule has, but not for silence.
LONGEST_WAIT = 3_600


class Verdict(Enum):
    """DELIVERED; REJECTED: set aside and not sent again; STOP the stream at once; RETRY."""

    DELIVERED = "delivered"
    REJECTED = "rejected"
    STOP = "stop"
    RETRY = "retry"


def verdict(code: int) -> Verdict:
    """`code` is the status of the answer, 0 where there was none."""
    if 200 <= code < 300:
        return Verdict.DELIVERED
    return {400: Verdict.REJECTED, 403: Verdict.STOP}.get(code, Verdict.RETRY)


def wait(attempts: int, retry_after: float | None) -> float:
    """Seconds until the event is sent again, after `attempts` tries of which all failed."""
    delay = DELAYS[min(max(attempts, 1), RETRIES) - 1]
    return max(delay, min(retry_after or 0, LONGEST_WAIT))


def retries_remaining(attempts: int) -> int:
    return max(0, min(RETRIES, TRIES - attempts))
