"""A worker that waits to be killed where it is told; `tests.dying` starts it and kills it."""

import sys
import time
from contextlib import nullcontext
from functools import reduce
from importlib import import_module
from typing import Any

from django.utils.module_loading import autodiscover_modules

from omnichannel.imports import staging
from omnichannel.jobs.progress import Telling
from omnichannel.jobs.runners import work

FOREVER = 600


def main(place: str, calls: str, chunk: str, *words: str) -> None:
    """Behind so many calls of `package.module:Class.name`; with chunks of so many rows, if any; with
    `apart`, each statement commits by itself."""
    autodiscover_modules("tasks")
    staging.CHUNK = int(chunk or staging.CHUNK)
    if "apart" in words:
        Telling.transaction = lambda progress: nullcontext()
    stop_behind(place, int(calls))
    work()


def stop_behind(place: str, calls: int) -> None:
    module, _colon, path = place.partition(":")
    *above, name = path.split(".")
    owner = reduce(getattr, above, import_module(module))
    act, seen = getattr(owner, name), []

    def stopping(*args: Any) -> Any:
        effect = act(*args)
        seen.append(args)
        if len(seen) == calls:
            sys.stdout.write("here\n")
            sys.stdout.flush()
            time.sleep(FOREVER)
        return effect

    setattr(owner, name, stopping)
