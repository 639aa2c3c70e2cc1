"""X12 943, stock transfer shipment advice, and 945, warehouse shipping advice: goods have left.

They differ in whom they tell: a 943 the warehouse to which goods come, a 945 the depositor whose
goods have left the warehouse.
"""

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message

from .told import Shipment
from .x12_warehouse import Read, add_item, check_total, clock_of, refuse_empty

# W0601: original, full detail, book transfer. Others leave lines out or correct what was told.
WHOLE = ("F", "J", "B")
SHIPPED = ("11",)
# N901: tracking number, carrier's reference, bill of lading.
TRACKING = ("2I", "CN", "BM")


def stock_transfers_of(message: Message) -> list[Shipment]:
    """943. One that belongs to no order of ours is an ASN."""
    read = Read(message, ["W04"])
    shipment = head_of(read)
    shipment.may_announce = True
    shipment.senders, shipment.receivers = read.parties("SF", "DE"), read.parties("ST", "WH")
    for item in read.all("W04"):
        add_item(shipment, item, quantity=1, unit=2, upc=3, codes=(4, 6))
    return done(shipment, read)


def shipments_of(message: Message) -> list[Shipment]:
    """945."""
    read = Read(message, ["W12"])
    shipment = head_of(read)
    shipment.senders, shipment.receivers = read.parties("SF", "WH"), read.parties("ST")
    for item in read.all("W12"):
        add_item(shipment, item, quantity=3, unit=5, upc=6, codes=(7,))
    return done(shipment, read)


def head_of(read: Read) -> Shipment:
    message, w06 = read.message, read.first("W06")
    shipment = Shipment(message.first.number, "ST")
    if w06 is None:
        shipment.refuse(message.first, message.number, _("W06, which names the order, is missing."))
        return shipment
    shipment.order_ref, shipment.number = w06.get(2), w06.get(4)
    if not shipment.order_ref and not shipment.number:
        cause = _("Neither W0602, the order, nor W0604, the shipment's ID, is told.")
        shipment.refuse(w06, message.number, cause)
    if w06.get(1) not in WHOLE:
        cause = _("Code %s of W0601 tells no whole new shipment; corrections are not read.")
        shipment.refuse(w06, shipment.order_ref, cause % (w06.get(1) or "–"))
    shipment.key = read.key(*([shipment.order_ref, shipment.number] if shipment.number else []))
    told = read.day(*SHIPPED)
    shipment.shipped = clock_of(told.get(2) if told else w06.get(3), read)
    if w27 := read.first("W27"):
        shipment.carrier = (w27.get(2) or w27.get(3))[:128]
    shipment.tracking_number = read.reference(*TRACKING)
    return shipment


def done(shipment: Shipment, read: Read) -> list[Shipment]:
    check_total(shipment, read.first("W03"))
    refuse_empty(shipment, read.message)
    return [shipment]
