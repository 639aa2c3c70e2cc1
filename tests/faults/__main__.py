"""`make faults`: each fault with the protection on and off, and what came of it. Takes some minutes.

Lines are `FAULT name value goal HELD|MISSED`. The database is thrown away afterwards; arguments
choose by name: `make faults ARGS=storm`.
"""

import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichannel.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("SECRET_KEY", secrets.token_hex())


class Figure(NamedTuple):
    """`bound` is <=, >= or ==."""

    name: str
    value: float
    bound: str
    goal: float
    words: str

    @property
    def is_held(self) -> bool:
        return {
            "<=": self.value <= self.goal,
            ">=": self.value >= self.goal,
            "==": self.value == self.goal,
        }[self.bound]

    def __str__(self) -> str:
        verdict = "HELD" if self.is_held else "MISSED"
        return (
            f"# {self.words}\nFAULT {self.name} {self.value:g} {self.bound}{self.goal:g} {verdict}"
        )


def late(name: str) -> Any:
    """Models exist only after setup."""
    return import_module(f"tests.faults.{name}")


def storm(folder: Path) -> Iterator[Figure]:
    fault = late("storm")
    plan = fault.Plan()
    what = (
        f"FLUSHALL ×{plan.flushes}, worker SIGKILL ×{plan.kills}, {plan.outage:.0f} s without Redis"
    )
    told = fault.storm(plan, folder / "on")
    yield Figure("storm_delivered", told.delivered, "==", plan.events, f"{what}: {told}")
    yield Figure("storm_lost", told.lost, "==", 0, what)
    control = fault.without_outbox(plan, folder / "off")
    words = f"control, one broker message per delivery: {control}"
    yield Figure("storm_lost_without_outbox", control.lost, ">=", 1, words)


def promising(_folder: Path) -> Iterator[Figure]:
    """With its control, which is a test too."""
    told = late("receiving").run(("tests/fulfilment/test_promising.py", "-k", "last_unit or lock"))
    words = f"64 clients for the last unit, 1,000 rounds: {told.words}"
    yield Figure("promising_the_last_unit", told.code, "==", 0, words)


def neighbours(folder: Path) -> Iterator[Figure]:
    fault = late("neighbours")
    told = fault.neighbours(fault.Plan(), folder / "on")
    words = (
        f"{told.others} hostile receivers: p99 of another one {told.beside * 1e3:.0f} ms, "
        f"alone {told.alone * 1e3:.0f} ms"
    )
    yield Figure("neighbours_p99", told.beside / told.alone, "<=", 1.1, words)
    yield Figure("neighbours_redirects_followed", told.elsewhere, "==", 0, words)
    control = fault.neighbours(fault.CONTROL, folder / "off")
    words = (
        f"control, one pool of {fault.CONTROL.pool} connections for all: "
        f"{control.beside * 1e3:.0f} ms, alone {control.alone * 1e3:.0f} ms"
    )
    yield Figure("neighbours_p99_in_one_pool", control.beside / control.alone, ">=", 1.1, words)


def receiving(_folder: Path) -> Iterator[Figure]:
    """Each with its control, which is a test too."""
    fault = late("receiving")
    told = fault.run(fault.DESK)
    words = f"a kill at every statement; 8 who receive against 8 who close, 50 rounds: {told.words}"
    yield Figure("receiving_killed_and_at_once", told.code, "==", 0, words)
    told = fault.run(fault.PHONE)
    words = f"20 scans a second for a minute, the network cut twice: {told.words}"
    yield Figure("receiving_on_the_phone", told.code, "==", 0, words)


def shipping(_folder: Path) -> Iterator[Figure]:
    """Each with its control, which is a test too."""
    fault = late("receiving")
    told = fault.run(fault.SHIPPING)
    words = f"a kill at every statement; 64 for the last unit, 1,000 rounds: {told.words}"
    yield Figure("shipping_killed_and_at_once", told.code, "==", 0, words)


FAULTS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "storm": storm,
    "promising": promising,
    "neighbours": neighbours,
    "receiving": receiving,
    "shipping": shipping,
}


def main(chosen: list[str]) -> int:
    if unknown := set(chosen) - set(FAULTS):
        print(f"No fault {', '.join(sorted(unknown))}: {', '.join(FAULTS)}")
        return 2
    django.setup()
    missed = 0
    for name in chosen or FAULTS:
        with tempfile.TemporaryDirectory(prefix="omnichannel-faults-") as folder:
            for figure in FAULTS[name](Path(folder)):
                print(figure, flush=True)
                missed += not figure.is_held
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
