"""A shop that sells while it is counted, of which the test knows what lies on the shelves."""

import datetime
import itertools
import random
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from counts import actions
from counts.models import Count
from omnichannel.catalog.models import Product

from .conftest import Floor

SECONDS = 2_000
keys = itertools.count()


class Scan(NamedTuple):
    at: int
    zone: int
    units: int


class Shelf:
    """One product: what lies in each zone, what the book says too much, and what happens when.

    `at` are whole seconds after the beginning; two things of one shelf never happen at once.
    """

    def __init__(self, dice: random.Random, zones: list[tuple[int, int]], trades: int) -> None:
        self.lies = [0] * len(zones)
        for zone in dice.sample(range(len(zones)), min(len(zones), dice.choice([1, 1, 2, 3]))):
            self.lies[zone] = dice.randint(0, 5)
        self.error = dice.choice([0, 0, 0, -2, -1, 1, 2])
        self.opening = max(0, sum(self.lies) + self.error)
        self.error = self.opening - sum(self.lies)
        free = dice.sample(range(1, SECONDS), trades)
        scans = [(dice.randint(first + 1, last - 1), z) for z, (first, last) in enumerate(zones)]
        plan = [(at, "scan", z) for at, z in scans]
        # Most trade is outside the counting, as it is in a shop that counts in the evening.
        taken = {at for at, _what, _zone in plan}
        plan += [(at, dice.choice(["sale"] * 4 + ["receipt"]), dice.randrange(len(zones)))
                 for at in free if at not in taken]  # fmt: skip
        self.scans: list[Scan] = []
        self.movements: list[tuple[int, int]] = []
        for at, what, zone in sorted(plan):
            self.happen(dice, at, what, zone)

    def happen(self, dice: random.Random, at: int, what: str, zone: int) -> None:
        if what == "scan":
            if self.lies[zone]:
                self.scans.append(Scan(at, zone, self.lies[zone]))
        elif what == "receipt":
            units = dice.randint(1, 4)
            self.lies[zone] += units
            self.movements.append((at, units))
        elif self.lies[zone]:
            self.lies[zone] -= 1
            self.movements.append((at, -1))

    @property
    def truth(self) -> int:
        return sum(self.lies)

    @property
    def counted(self) -> int | None:
        return sum(scan.units for scan in self.scans) if self.scans else None


class Trading:
    """Shelves of a store of its own, counted in full with everything booked in any order."""

    def __init__(self, floor: Floor, dice: random.Random, products: int, trades: int) -> None:
        self.floor, self.dice = floor, dice
        self.began = timezone.now() - datetime.timedelta(seconds=SECONDS + 50)
        self.zones = self.times_of_zones(dice.randint(1, 6))
        shares = [dice.choice([0, 0, 1, 2]) for _ in range(products)]
        each = max(1, trades // max(1, sum(shares)))
        self.shelves = [Shelf(dice, self.zones, each * share) for share in shares]
        floor.products = Product.objects.bulk_create(
            [Product(product_id=f"T{next(keys)}", name="T", name_key="t") for _ in self.shelves]
        )

    def times_of_zones(self, number: int) -> list[tuple[int, int]]:
        """Some one after the other, some at the same time, never the whole day."""
        found, at = [], self.dice.randint(100, 600)
        for _zone in range(number):
            length = self.dice.randint(5, 150)
            found.append((at, at + length))
            at += self.dice.choice([0, length // 2, length + 1])
        return found

    def time(self, at: int) -> datetime.datetime:
        return self.began + datetime.timedelta(seconds=at)

    def age(self, at: int) -> float:
        return (timezone.now() - self.time(at)).total_seconds()

    def run(self) -> Count:
        """The count, every zone completed and every movement booked."""
        floor = self.floor
        floor.post(*[(n, s.opening) for n, s in enumerate(self.shelves)], type="STOCK_IMPORT",
                   at=self.time(-10))  # fmt: skip
        count = floor.active()
        Count.objects.filter(pk=count.pk).update(started_at=self.time(0))
        acts = [*self.bookings(), *self.scannings(count)]
        self.dice.shuffle(acts)
        for act in acts:
            act()
        count.refresh_from_db()
        return count

    def bookings(self):
        """By second, as baskets: tills book when they come to it."""
        baskets: dict[int, list[tuple[int, int]]] = {}
        for number, shelf in enumerate(self.shelves):
            for at, units in shelf.movements:
                baskets.setdefault(at, []).append((number, units))
        return [
            lambda at=at, lines=lines: self.floor.post(*lines, at=self.time(at))
            for at, lines in baskets.items()
        ]

    def scannings(self, count: Count):
        return [lambda z=z: self.scan(count, z) for z in range(len(self.zones))]

    def scan(self, count: Count, zone: int) -> None:
        first, last = self.zones[zone]
        session = self.floor.open(count, f"Zone {zone}", age=self.age(first))
        seen = [
            (number, scan.units, self.age(scan.at))
            for number, shelf in enumerate(self.shelves)
            for scan in shelf.scans
            if scan.zone == zone
        ]
        for start in range(0, len(seen), 500):
            self.floor.see(session, *seen[start : start + 500])
        self.floor.done(session, age=self.age(last))

    def answer(self, count: Count, choice: str = "PROPOSAL") -> int:
        """Whatever is asked; how many lines were."""
        asked = {
            line.product_id: "ZERO" if line.question == "UNCOUNTED" else choice
            for line in self.floor.lines(count).values()
            if line.question
        }
        if asked:
            with transaction.atomic():
                actions.answer_lines(pk=count.pk, by=self.floor.manager, answers=asked)
        return len(asked)

    def books(self) -> list[int]:
        held = dict(self.floor.stock().values_list("product_id", "quantity"))
        return [held.get(p.pk, 0) for p in self.floor.products]
