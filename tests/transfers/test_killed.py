"""kill -9 at every statement of shipping and closing, COMMIT included: all of it or nothing.

As tests/asn/test_killed.py does it: the suite kills after every statement that writes; FAULTS=1
kills before and after every statement of all.
"""

from collections.abc import Callable

import pytest

from asn.models import Asn
from tests.asn.test_killed import ALL, COMMIT, WHEN, Kill, killed, watched
from transfers import actions
from transfers.models import TransferOrder, TransferTransaction

CARRIER = actions.Handover(True, "Parcels Ltd", "next-day", "TRK-1")


def fresh(yard) -> TransferTransaction:
    """Six and two wanted, set aside; one parcel holds four and two, another one is begun."""
    yard.stock((0, 6), (1, 2))
    order = yard.order((0, 6), (1, 2))
    yard.parcel(order, (0, 1))
    return yard.parcel(order, (0, 4), (1, 2))


def ship(yard, parcel: TransferTransaction) -> None:
    yard.ship(parcel, key=f"ship-{parcel.pk}", handover=CARRIER)


def close(yard, parcel: TransferTransaction) -> None:
    yard.close_order(parcel.order, key=f"close-{parcel.pk}")


ACTS = {"ship": ship, "close": close}


def state(yard, parcel: TransferTransaction) -> tuple:
    """What the act changes: of this order, and of stock and stream, which all orders share."""
    order = TransferOrder.objects.get(pk=parcel.order_id)
    lines = order.lines.order_by("pk").values_list("transferred", "reserved")
    own = (
        order.status,
        order.revision,
        list(lines),
        list(order.transactions.order_by("pk").values_list("status", flat=True)),
        Asn.objects.filter(order_ids=[order.external_ref]).count(),
    )
    return own, [*yard.shelves(0), *yard.shelves(1), len(yard.told())]


def points(yard, act: Callable[..., None]) -> list[tuple[int, str]]:
    parcel = fresh(yard)
    sent = watched(lambda: act(yard, parcel))
    assert len(sent.writes) > 4
    if ALL:
        return [(at, when) for at in range(1, sent.seen + 1) for when in WHEN]
    return [(at, "after") for at in sent.writes]


def difference(after: tuple, before: tuple) -> list[int]:
    return [a - b for a, b in zip(after[1], before[1], strict=True)]


@pytest.mark.parametrize("name", ACTS)
def test_killed_anywhere_and_asked_again_it_is_done_once(busy_yard, name):
    yard, act = busy_yard, ACTS[name]
    whole = fresh(yard)
    before = state(yard, whole)
    act(yard, whole)
    effect = state(yard, whole)
    for at, when in [*points(yard, act), *((COMMIT, when) for when in WHEN)]:
        parcel = fresh(yard)
        untouched = state(yard, parcel)
        killed(lambda parcel=parcel: act(yard, parcel), Kill(at, when, commits_each=False))
        if (at, when) == (COMMIT, "after"):
            assert state(yard, parcel)[0] == effect[0]
        else:
            assert state(yard, parcel) == untouched, (at, when)
        for _ in range(2):
            act(yard, parcel)
            found = state(yard, parcel)
            assert found[0] == effect[0], (at, when)
            assert difference(found, untouched) == difference(effect, before), (at, when)
    yard.agree()


@pytest.mark.parametrize("name", ACTS)
def test_control_statements_that_commit_by_themselves_leave_half_an_act(busy_yard, name):
    """Proves that the test above can fail."""
    yard, act = busy_yard, ACTS[name]
    damaged = 0
    # A few show it; the long form tries them all.
    for at, when in points(yard, act)[: None if ALL else 6]:
        parcel = fresh(yard)
        untouched = state(yard, parcel)
        killed(lambda parcel=parcel: act(yard, parcel), Kill(at, when, commits_each=True))
        damaged += state(yard, parcel) != untouched
    assert damaged > 2
    with pytest.raises(AssertionError):
        yard.agree()
