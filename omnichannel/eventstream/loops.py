"""Event loops in threads of their own: the caller's thread may have a loop that runs already."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.utils.translation import get_language, override

Result = TypeVar("Result")


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """What `main` returns or raises, once it has; the caller waits.

    It speaks the caller's language. Connections to the database belong to the thread that opened
    them, so `main` uses none.
    """
    language = get_language()

    def speaking() -> Result:
        with override(language):
            return asyncio.run(main)

    with ThreadPoolExecutor(1, thread_name_prefix="loop") as thread:
        return thread.submit(speaking).result()
