"""ASNs that carry the year on: each is a delivery that some store had before, on its way again.

All of it is simulated and says so: numbers begin with `SIM-`, notes with `Simulated`. What is
received is received through the acts of the product, after the year's last sale.
"""

import uuid
from collections.abc import Callable
from datetime import datetime

from asn import actions
from asn.models import Asn, Receipt
from omnichannel.accounts.models import User

from . import parcels
from .desk import Desk, Lines, arrived
from .masterdata import Store

# A store whose last delivery had fewer products shows too little; of more, these many are shown.
FEWEST, MOST = 6, 24
# The managers of the demo have each of the scenes, the other stores one each.
EVERY_SCENE = ("DE-01", "GB-01")
ASSOCIATE = "associate-de"
CARTONS = 3
TO_DECIDE = "SIM-ASN-204881"


# ------------------------------------------------------------ scenes
def announced(desk: Desk, store: Store, lines: Lines) -> None:
    desk.announce(store, lines, days=1, due=2, cartons=CARTONS)


def overdue(desk: Desk, store: Store, lines: Lines) -> None:
    desk.announce(store, lines, days=9, due=-4)


def forgotten(desk: Desk, store: Store, lines: Lines) -> None:
    """No day was named; it is overdue by its age."""
    desk.announce(store, lines, days=21)


def half(desk: Desk, store: Store, lines: Lines) -> None:
    asn = desk.announce(store, lines, days=5, due=-1)
    desk.receive(store, asn, arrived(lines[: len(lines) // 2]))


def one_carton(desk: Desk, store: Store, lines: Lines) -> None:
    asn = desk.announce(store, lines, days=3, due=1, cartons=CARTONS)
    carton = f"{asn.number}-C1"
    kind = Receipt.Kind.CARTON
    session = desk.session(store, carton, kind, carton_id=carton)
    actions.receive_carton(asn_id=asn.pk, carton_id=carton, session=session)


def too_many(desk: Desk, store: Store, lines: Lines) -> None:
    asn = desk.announce(store, lines, days=4, due=0)
    desk.receive(store, asn, arrived(lines[:-2], too_many=6))


def complete(desk: Desk, store: Store, lines: Lines) -> None:
    """It closes by itself with the second session."""
    asn = desk.announce(store, lines, days=6, due=-1)
    desk.receive(store, asn, arrived(lines[:3]))
    desk.receive(store, asn, arrived(lines[3:]))


def given_up(desk: Desk, store: Store, lines: Lines) -> None:
    asn = desk.announce(store, lines, days=16, due=-9)
    desk.receive(store, asn, arrived(lines[1:]))
    desk.close(asn)


def late(desk: Desk, store: Store, lines: Lines) -> None:
    """Closed with a remainder of two products, one of which came after all."""
    asn = desk.announce(store, lines, days=18, due=-10)
    desk.receive(store, asn, arrived(lines[2:]))
    desk.close(asn)
    desk.receive(store, asn, arrived(lines[1:2]), is_late=True)


Scene = Callable[[Desk, Store, Lines], None]
SCENES: tuple[Scene, ...] = (
    announced, overdue, half, one_carton, complete, too_many, given_up, forgotten, late
)  # fmt: skip


def the_manager_has_to_decide(desk: Desk, store: Store, lines: Lines) -> None:
    """24 expected, 21 of them received, one unexpected, one damaged, nine days old."""
    products = [product for product, _units in lines]
    wanted = list(zip(products, (12, 8, 4), strict=False))
    asn = desk.announce(store, wanted, days=9, due=-5, number=TO_DECIDE)
    items = [
        actions.Arrived(products[0], 12, damaged=1, reason_id=desk.broken.pk),
        actions.Arrived(products[1], 5),
        actions.Arrived(products[2], 4),
        actions.Arrived(products[3], 1),
    ]
    desk.receive(store, asn, items)


def without_notice(desk: Desk, store: Store, lines: Lines) -> None:
    reference = f"SIM-PARCEL-{store.code}"
    session = desk.session(store, reference, Receipt.Kind.BLIND, shipment_ref=reference)
    actions.receive_blind(location_id=store.id, items=arrived(lines[:2]), session=session)


def being_scanned(desk: Desk, store: Store, lines: Lines) -> None:
    """A session that an associate left; he resumes it on the phone."""
    asn = desk.announce(store, lines, days=2, due=0)
    by = User.objects.get(username=ASSOCIATE)
    receipt = actions.begin_receipt(by=by, key=f"demo/{asn.number}", asn_id=asn.pk)
    lines_of = {
        line.product_id: line.product.product_id for line in asn.lines.select_related("product")
    }
    scans = [
        actions.Scan(uuid.uuid5(receipt.uuid, code), code, product, units, desk.now)
        for product, units in lines[:3]
        for code in [lines_of[product]]
    ]
    actions.record_scans(receipt_id=receipt.pk, scans=scans)


# ------------------------------------------------------------ all of them
def simulate(
    stores: dict[str, Store],
    deliveries: dict[str, Lines],
    shelves: dict[str, int],
    now: datetime,
) -> int:
    """Write them; answers how many notices. `deliveries` are the last ones by store code.

    Runs inside the caller's transaction, after the year was loaded.
    """
    known = {
        code: lines[:MOST] for code, lines in sorted(deliveries.items()) if len(lines) >= FEWEST
    }
    if not known:
        return 0
    desk = Desk(stores, shelves, now)
    for position, (code, lines) in enumerate(known.items()):
        for scene in SCENES if code in EVERY_SCENE else [SCENES[position % len(SCENES)]]:
            scene(desk, stores[code], lines)
    shown = [stores[code] for code in EVERY_SCENE if code in known]
    for store in shown[:1]:
        the_manager_has_to_decide(desk, store, known[store.code])
        being_scanned(desk, store, known[store.code])
        without_notice(desk, store, known[store.code])
    if len(shown) > 1:
        parcels.simulate(desk, shown[0], shown[1], known)
    return Asn.objects.count()
