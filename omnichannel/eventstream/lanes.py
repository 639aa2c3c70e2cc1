"""What waits for one integration, so that a slow receiver fills its own lane and no other."""

import time
from collections import deque
from collections.abc import Sequence

from .parcels import Parcel

# As many as a fast receiver takes in a moment; a slow or failing one is claimed for sparingly.
WIDEST = 512
SLOW_SECONDS = 1.0


class Lane:
    """The parcels of one integration on their way; times are of the monotonic clock."""

    def __init__(self, width: int) -> None:
        self.width = self.window = width
        self.waiting: deque[Parcel] = deque()
        self.workers = 0
        self.filled_at = 0.0

    @property
    def room(self) -> int:
        if len(self.waiting) > self.window // 4:
            return 0
        return max(0, self.window - self.workers - len(self.waiting))

    def fill(self, parcels: Sequence[Parcel]) -> None:
        """Claims grow with the pace at which they are sent: no lease is held for nothing."""
        now = time.monotonic()
        if now - self.filled_at > SLOW_SECONDS:
            self.window = self.width
        elif len(parcels) >= self.window // 2:
            self.window = min(self.window * 2, WIDEST)
        self.filled_at = now
        self.waiting.extend(parcels)

    def empty(self) -> list[Parcel]:
        """What has not begun, to be given back: after a failure the head goes first."""
        given_back = list(self.waiting)
        self.waiting.clear()
        self.window = self.width
        return given_back
