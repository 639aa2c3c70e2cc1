"""Counts that carry the year on: some done, some to do, one full count in the middle of it.

All of it is simulated and says so: names and notes begin with `Simulated`, numbers with `SIM-`.
Everything is done through the acts of the product, against the stock that the year left.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from counts import actions
from counts.models import Count
from inventory.models import StockOnHand
from omnichannel.accounts.models import User

from .counting import Counting
from .desk import Lines
from .masterdata import Store
from .notices import ASSOCIATE, EVERY_SCENE, FEWEST

# A cycle count has so many products of a store's last delivery.
MOST = 12
# No full count may be active in DE-01, where the API guide works.
RUNNING, READY = "DE-02", "GB-02"
ZONES = tuple(f"Zone {number}" for number in (*range(1, 12), 138))
DONE = (*ZONES[:6], ZONES[-1])
BEING_COUNTED = ZONES[6:10]
# One product lies in three zones, as in PRODUCT §7.
THREE_ZONES = {"Zone 1": 10, "Zone 6": 12, "Zone 138": 9}
UNCOUNTED = 3
# What a store must hold for a full count that shows anything.
FEWEST_IN_FULL = 60
UNKNOWN_CODE = "SIM-UNKNOWN-4711"


# ------------------------------------------------------------ cycle counts
def pending(desk: Counting, store: Store, products: Sequence[int]) -> None:
    desk.create(store, "weekly count", due=2, products=products)


def overdue(desk: Counting, store: Store, products: Sequence[int]) -> None:
    desk.create(store, "overdue count", due=-3, products=products)


def cancelled(desk: Counting, store: Store, products: Sequence[int]) -> None:
    desk.cancel(desk.create(store, "cancelled count", due=-1, products=products))


def begun(desk: Counting, store: Store, products: Sequence[int]) -> None:
    """Half of it is scanned; in the associate's own store he can go on with it."""
    own = User.objects.filter(username=ASSOCIATE, location_access__location=store.id).first()
    counted = desk.create(store, "count under way", due=0, products=products)
    few = products[: len(products) // 2]
    lines = as_found(desk.stood(store, few, timedelta(0)))
    associate = own.associate if own else f"stock-{store.code}"
    desk.see(desk.begin(counted, associate, by=own), lines)


def done(desk: Counting, store: Store, products: Sequence[int], label: str, days: int) -> Count:
    """Counted `days` ago without a connection, so that what was sold since is taken out again."""
    counted = desk.create(store, label, due=1 - days, products=products)
    ago = timedelta(days=days)
    session = desk.begin(counted, f"stock-{store.code}", ago=ago)
    desk.see(session, as_found(desk.stood(store, products, ago)), ago=ago)
    desk.end(session, ago=ago)
    desk.complete(counted)
    return counted


def completed(desk: Counting, store: Store, products: Sequence[int]) -> None:
    done(desk, store, products[:-FEWEST] or products, "completed count", days=2)


def counted_before(desk: Counting, store: Store, products: Sequence[int]) -> None:
    done(desk, store, products[: FEWEST // 2], "count of last week", days=9)


def reversed_again(desk: Counting, store: Store, products: Sequence[int]) -> None:
    """Somebody counted the wrong shelf."""
    desk.reverse(done(desk, store, products[-FEWEST:], "count of the wrong shelf", days=4))


Scene = Callable[[Counting, Store, Sequence[int]], None]
SCENES: tuple[Scene, ...] = (
    counted_before, pending, reversed_again, overdue, completed, begun, cancelled
)  # fmt: skip


def as_found(book: dict[int, int]) -> list[tuple[int, int]]:
    """What somebody finds who finds one less of the first product and two more of the second."""
    differences = {0: -1, 1: 2}
    return [
        (product, max(units + differences.get(place, 0), 0))
        for place, (product, units) in enumerate(book.items())
    ]


# ------------------------------------------------------------ full counts
class Plan(NamedTuple):
    """Who lies where: products by zone, and those with a story of their own."""

    zones: dict[str, list[tuple[int, int]]]
    being_counted: dict[str, list[tuple[int, int]]]
    three_zones: int
    sold: int
    sold_units: int


def planned(held: Sequence[tuple[int, int]]) -> Plan:
    """`held` is product and units on hand, in the order of the shelves."""
    many = [line for line in held if line[1] >= 2]
    three_zones = min(many, key=lambda line: abs(line[1] - sum(THREE_ZONES.values())))
    others = [line for line in many if line != three_zones]
    sold, *missed = others[:: max(len(others) // (UNCOUNTED + 1), 1)][: UNCOUNTED + 1]
    apart = {three_zones[0], sold[0], *(product for product, _units in missed)}
    zones: dict[str, list[tuple[int, int]]] = {zone: [] for zone in DONE}
    being_counted: dict[str, list[tuple[int, int]]] = {zone: [] for zone in BEING_COUNTED}
    rest = [line for line in held if line[0] not in apart]
    for place, (product, units) in enumerate(rest):
        zone = DONE[place * len(DONE) // len(rest)]
        left, elsewhere = differing(place, max(units, 0))
        zones[zone].append((product, left))
        if elsewhere:
            being_counted[BEING_COUNTED[place % len(BEING_COUNTED)]].append((product, elsewhere))
    return Plan(zones, being_counted, three_zones[0], *sold)


def differing(place: int, units: int) -> tuple[int, int]:
    """Units found in the done zone, and those of a zone that is being counted still."""
    if place % 37 == 5:
        return max(units - 1, 0), 0
    if place % 53 == 7:
        return units + 1, 0
    elsewhere = min(units // 2, 3) if place % 19 == 3 else 0
    return units - elsewhere, elsewhere


def running(desk: Counting, store: Store) -> None:
    """Seven zones are done, four are being counted, into one nobody has gone yet."""
    rows = StockOnHand.objects.filter(location=store.id, stock_location=desk.main)
    held = list(
        rows.exclude(quantity=0).order_by("product_id").values_list("product_id", "quantity")
    )
    if sum(units >= 2 for _product, units in held) < FEWEST_IN_FULL:
        return
    counted = desk.create(store, "full count", due=0, type=Count.Type.FULL)
    actions.plan_zones(pk=counted.pk, first=1, last=11)
    (last,) = actions.plan_zones(pk=counted.pk, first=138, last=138)
    desk.activate(counted)
    plan = planned(held)
    actions.note_precounts(
        pk=counted.pk,
        units={last.pk: sum(units for _product, units in plan.zones[last.name])},
    )
    for number, zone in enumerate(DONE):
        session = desk.begin(counted, f"stock-{store.code}-{number % 3 + 1}", zone)
        lines = [*plan.zones[zone]]
        if zone in THREE_ZONES:
            lines.append((plan.three_zones, THREE_ZONES[zone]))
        if zone == "Zone 2":
            lines.append((plan.sold, 1))
        if zone == "Zone 3":
            # Whether the unit that was just sold stood in Zone 2 nobody can know.
            desk.sell(store, plan.sold)
            lines.append((plan.sold, plan.sold_units - 1))
        desk.see(session, lines, code=UNKNOWN_CODE if zone == "Zone 4" else "")
        desk.end(session)
    for number, (zone, lines) in enumerate(plan.being_counted.items()):
        desk.see(desk.begin(counted, f"stock-{store.code}-{number + 4}", zone), lines)


# ------------------------------------------------------------ all of them
def simulate(
    stores: dict[str, Store],
    deliveries: dict[str, Lines],
    shelves: dict[str, int],
    now: datetime,
) -> int:
    """Make them; answers how many counts. `deliveries` are the last ones by store code.

    Runs inside the caller's transaction, after the year was loaded.
    """
    known = {
        code: [product for product, _units in lines[:MOST]]
        for code, lines in sorted(deliveries.items())
        if len(lines) >= FEWEST
    }
    if not known:
        return 0
    desk = Counting(shelves, now)
    for position, (code, products) in enumerate(known.items()):
        for scene in scenes_of(code, position):
            scene(desk, stores[code], products)
    if READY in known:
        desk.create(stores[READY], "full count", due=0, type=Count.Type.FULL)
    if RUNNING in known:
        running(desk, stores[RUNNING])
    return Count.objects.count()


def scenes_of(code: str, position: int) -> tuple[Scene, ...]:
    """All in the managers' stores, one each in the others; nothing moves where all is counted."""
    if code == RUNNING:
        return (pending,)
    return SCENES if code in EVERY_SCENE else (SCENES[position % len(SCENES)],)
