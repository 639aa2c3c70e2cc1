"""Rows that several tests read, made once and gone after the last of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def kept() -> Iterator[None]:
    """One transaction around several tests; what each of them writes is undone after it."""
    around = transaction.atomic()
    # As around a test: acts that must be the outermost transaction are content with it.
    around._from_testcase = True
    with around:
        yield
        transaction.set_rollback(True)
