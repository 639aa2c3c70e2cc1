"""Transfers between the two stores whose managers the demo has: each status, from both sides.

All of it is simulated and says so in its note; what an ERP would have sent begins with `SIM-`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from asn.models import Asn, Fate
from inventory.models import StockOnHand
from omnichannel.accounts.models import User
from omnichannel.locations.models import StockLocation
from transfers import actions
from transfers.models import TransferOrder, TransferTransaction

from .desk import Desk, Lines, arrived
from .masterdata import Store

NOTE = "Simulated transfer"
PICKER = "associate-de"
WANTED, THERE = 10, 9
CARRIER = "Simulated Parcels"


class Way(NamedTuple):
    """From one store to another, and what the sender can spare: units by product, at most a few."""

    desk: Desk
    sender: Store
    receiver: Store
    lines: Lines

    # ------------------------------------------------------------ acts
    def order(self, scene: str, lines: Lines, *, days: int, due: int = 3) -> TransferOrder:
        """As the ERP sent it `days` ago."""
        ordered_at = self.desk.now - timedelta(days)
        return actions.create_transfer_order(
            origin_id=self.sender.id,
            destination_id=self.receiver.id,
            lines=[actions.Ordered(*line) for line in lines],
            source=TransferOrder.Source.API,
            key=f"demo/order/{self.sender.code}/{scene}",
            external_ref=f"SIM-TR-{self.sender.code}-{scene}",
            ordered_at=ordered_at,
            due_date=ordered_at.astimezone(self.sender.zone).date() + timedelta(due),
            note=NOTE,
            happened_at=self.desk.tick(),
        ).order

    def parcel(self, order: TransferOrder, lines: Lines, by: User) -> TransferTransaction:
        key = f"demo/parcel/{order.external_ref}/{order.transactions.count()}"
        parcel = actions.begin_transaction(order_id=order.pk, by=by, key=key)
        picked = [actions.Picked(*line) for line in lines]
        return actions.set_picks(transaction_id=parcel.pk, lines=picked)

    def handover(self, parcel: TransferTransaction) -> actions.Handover:
        tracking = f"SIM-TRK-{parcel.number.removeprefix('SIM-TR-')}"
        return actions.Handover(True, CARRIER, "standard", tracking)

    def ship(self, order: TransferOrder, lines: Lines) -> Asn:
        parcel = self.parcel(order, lines, self.desk.clerk)
        return actions.ship(
            transaction_id=parcel.pk,
            by=self.desk.clerk,
            key=f"demo/ship/{parcel.number}",
            handover=self.handover(parcel),
            associate_id=f"stock-{self.sender.code}",
            happened_at=self.desk.tick(),
        ).asn


# ------------------------------------------------------------ scenes
def asked_for(way: Way) -> None:
    """Nobody has begun it."""
    way.order("open", way.lines[:4], days=1)


def half_way(way: Way) -> None:
    """One parcel arrived in part, another is under way, the rest is still here."""
    order = way.order("part", way.lines[:4], days=3)
    first = way.ship(order, way.lines[:2])
    way.desk.receive(way.receiver, first, arrived(way.lines[:1]))
    way.ship(order, way.lines[2:3])


def given_up_on_the_way(way: Way) -> None:
    """All of it left; one product never came, and nobody has decided what became of it."""
    asn = way.ship(way.order("lost", way.lines[:3], days=8, due=1), way.lines[:3])
    way.desk.receive(way.receiver, asn, arrived(way.lines[1:3]))
    way.desk.close(asn, Fate.DECIDE_LATER)


def all_of_it(way: Way) -> None:
    asn = way.ship(way.order("done", way.lines[:3], days=6), way.lines[:3])
    way.desk.receive(way.receiver, asn, arrived(way.lines[:3]))


def nine_of_ten(way: Way) -> None:
    """Ten wanted, nine shipped, closed by hand: the variance is 1."""
    found = StockOnHand.objects.filter(
        location=way.sender.id,
        stock_location__name=StockLocation.MAIN,
        quantity__gte=THERE,
        # The others need theirs.
        product__in=[product for product, _units in way.lines[4:]],
    ).order_by("quantity", "product")
    if product := found.values_list("product_id", flat=True).first():
        order = way.order("nine", [(product, WANTED)], days=5)
        way.ship(order, [(product, THERE)])
        actions.close_transfer_order(
            order_id=order.pk,
            by=way.desk.clerk,
            key=f"demo/close/{order.external_ref}",
            happened_at=way.desk.tick(),
        )


def boxed(way: Way) -> None:
    """Begun by the store itself; the carrier has not come yet."""
    parcel = way.parcel(begun(way, "boxed"), way.lines[:2], way.desk.clerk)
    actions.make_ready(
        transaction_id=parcel.pk,
        by=way.desk.clerk,
        key=f"demo/ready/{parcel.number}",
        handover=way.handover(parcel),
    )


def being_picked(way: Way) -> None:
    """A parcel that an associate left; he goes on with it on the phone."""
    by = User.objects.get(username=PICKER)
    way.parcel(begun(way, "picked"), way.lines[:1], by)


def begun(way: Way, scene: str) -> TransferOrder:
    return actions.create_transfer_order(
        origin_id=way.sender.id,
        destination_id=way.receiver.id,
        lines=[actions.Ordered(*line) for line in way.lines[:2]],
        source=TransferOrder.Source.STORE,
        key=f"demo/begun/{way.sender.code}/{scene}",
        by=way.desk.clerk,
        due_date=(timezone.now().astimezone(way.sender.zone) + timedelta(2)).date(),
        note=NOTE,
        happened_at=way.desk.tick(),
    ).order


SCENES = (nine_of_ten, asked_for, half_way, all_of_it, boxed)


def simulate(desk: Desk, first: Store, second: Store, known: Mapping[str, Lines]) -> None:
    """Every scene in both directions; goods are lost one way only, and picked where a phone is."""
    for sender, receiver in ((first, second), (second, first)):
        way = Way(desk, sender, receiver, spare(sender, known[sender.code]))
        if len(way.lines) < len(SCENES):
            continue
        for scene in SCENES:
            scene(way)
        if sender == first:
            being_picked(way)
        else:
            given_up_on_the_way(way)


def spare(store: Store, lines: Lines) -> Lines:
    """Two units of each product of the last delivery of which many are there."""
    rows = StockOnHand.objects.filter(
        location=store.id, stock_location__name=StockLocation.MAIN, quantity__gte=2 * len(SCENES)
    )
    there = set(rows.values_list("product_id", flat=True))
    return [(product, 2) for product, _units in lines if product in there]
