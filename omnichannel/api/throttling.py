"""How often one address may ask; counted per web process, because nothing depends on it."""

import math
import time
from typing import NamedTuple

from django.core.cache import cache
from django.http import HttpRequest

from omnichannel.accounts.adapter import client_address

from .errors import ApiError


class Limit(NamedTuple):
    """At most `number` requests of one address in `seconds`, of everything under one `name`."""

    name: str
    number: int
    seconds: int

    def check(self, request: HttpRequest) -> None:
        """Count this request.

        Raises:
            ApiError: 429 with Retry-After.
        """
        window, passed = divmod(time.time(), self.seconds)
        key = f"limit:{self.name}:{client_address(request) or 'local'}:{int(window)}"
        cache.add(key, 0, self.seconds)
        try:
            count = cache.incr(key)
        except ValueError:
            # It ended between the two calls, so a new window has begun.
            return
        if count > self.number:
            wait = math.ceil(self.seconds - passed)
            raise ApiError(
                429,
                "too_many_requests",
                f"At most {self.number} requests in {self.seconds} s. Try again in {wait} s.",
                headers={"Retry-After": str(wait)},
            )
