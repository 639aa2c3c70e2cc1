"""Announcing and receiving for the demo: the acts of the product, with what they need."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from asn import actions
from asn.models import Asn, Fate, Receipt
from inventory.models import AdjustmentReason
from omnichannel.accounts.models import User
from omnichannel.locations.models import StockLocation

from .masterdata import Store

# Units by primary key of a product, as the last delivery of a store brought them.
Lines = Sequence[tuple[int, int]]

NOTE, RECEIVED_NOTE = "Simulated ASN", "Simulated receipt"
BROKEN = ("Damage", "Broken on arrival")
CLERK = "operations"
SHIPPED_AT = time(6, 0)
FIRST_NUMBER = 100_000
# Everything happened within these hours: the year ended longer ago, and nothing lies ahead.
BACK, STEP = timedelta(hours=36), timedelta(minutes=15)


class Desk:
    """Who acts, when, and what the acts need; `shelves` are stock locations by name."""

    def __init__(self, stores: dict[str, Store], shelves: dict[str, int], now: datetime) -> None:
        self.stores, self.shelves, self.now = stores, shelves, now
        self.last = now - BACK
        self.announced = 0
        self.clerk = User.objects.get(username=CLERK)
        self.broken = AdjustmentReason.objects.create(
            type=BROKEN[0],
            subtype=BROKEN[1],
            origin_id=shelves[StockLocation.MAIN],
            destination_id=shelves["damaged"],
        )

    def tick(self) -> datetime:
        """When the next thing happened: after the one before it, as in any store."""
        self.last += STEP
        return self.last

    def next_number(self) -> str:
        self.announced += 1
        return f"SIM-ASN-{FIRST_NUMBER + self.announced}"

    def announce(
        self,
        store: Store,
        lines: Lines,
        *,
        days: int,
        due: int | None = None,
        cartons: int = 0,
        number: str = "",
        **more: Any,
    ) -> Asn:
        """Shipped `days` ago, expected `due` days from today by the store's calendar."""
        today = self.now.astimezone(store.zone).date()
        left = datetime.combine(today - timedelta(days), SHIPPED_AT, store.zone)
        number = number or self.next_number()
        values: dict[str, Any] = {
            "origin_id": store.centre_id,
            "destination_id": store.id,
            "shipped_at": left,
            "source": Asn.Source.API,
            "number": number,
            "po_number": number.replace("ASN", "PO"),
            "order_ids": [number.replace("ASN", "SO")],
            "expected_date": None if due is None else today + timedelta(due),
            "note": NOTE,
            **more,
        }
        expected = [
            actions.Expected(product, units, f"{number}-C{n % cartons + 1}" if cartons else "")
            for n, (product, units) in enumerate(lines)
        ]
        return actions.create_asn(lines=expected, **values)

    def session(self, store: Store, key: str, kind: str, **more: str) -> actions.Session:
        happened_at = self.tick()
        values: dict[str, Any] = {
            "by": self.clerk,
            "key": f"demo/{key}",
            "kind": kind,
            "started_at": happened_at - timedelta(minutes=10),
            "happened_at": happened_at,
            "associate_id": f"stock-{store.code}",
            "note": RECEIVED_NOTE,
            **more,
        }
        return actions.Session(**values)

    def receive(
        self,
        store: Store,
        asn: Asn,
        items: Sequence[actions.Arrived],
        *,
        is_late: bool = False,
    ) -> Receipt:
        key = f"{asn.number}/{asn.receipts.count()}"
        session = self.session(store, key, Receipt.Kind.ITEMS)
        done = actions.receive_items(asn_id=asn.pk, items=items, session=session, is_late=is_late)
        return done.receipt

    def close(self, asn: Asn, fate: Fate | None = None) -> None:
        actions.force_close_asn(asn_id=asn.pk, by=self.clerk, key=f"demo/{asn.number}", fate=fate)


def arrived(lines: Lines, *, too_many: int = 0) -> list[actions.Arrived]:
    """All units of these lines; `too_many` more of the first."""
    return [
        actions.Arrived(product, units + (0 if n else too_many))
        for n, (product, units) in enumerate(lines)
    ]
