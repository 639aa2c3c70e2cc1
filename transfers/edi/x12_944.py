"""X12 944, stock transfer receipt advice: a warehouse tells what has come."""

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message

from .told import Arrival
from .x12_warehouse import Read, add_item, check_total, clock_of, refuse_empty

# W1701: original, full detail, of a production. Others leave lines out or correct what was told.
WHOLE = ("F", "J", "P")
RECEIVED = ("08", "11")


def arrivals_of(message: Message) -> list[Arrival]:
    read = Read(message, ["W07"])
    w17 = read.first("W17")
    arrival = Arrival(message.first.number, "ST", w17.get(3) if w17 else "")
    if w17 is None or not arrival.number:
        cause = _("W1703, the warehouse's receipt number, is missing.")
        arrival.refuse(w17 or message.first, message.number, cause)
        return [arrival]
    if w17.get(1) not in WHOLE:
        cause = _("Code %s of W1701 tells no whole new receipt; corrections are not read.")
        arrival.refuse(w17, arrival.number, cause % (w17.get(1) or "–"))
    arrival.key = read.key(arrival.number)
    arrival.order_ref, arrival.shipment_ref = w17.get(4), w17.get(5)
    told = read.day(*RECEIVED)
    arrival.received = clock_of(w17.get(2) or (told.get(2) if told else ""), read)
    arrival.receivers = read.parties("WH", "ST")
    for item in read.all("W07"):
        add_item(arrival, item, quantity=1, unit=2, upc=3, codes=(4, 6))
    for exception in read.all("W13"):
        cause = _("It reports an exception (quantity %(units)s, condition %(code)s).")
        words = {"units": exception.get(1)[:20] or "–", "code": exception.get(3)[:8] or "–"}
        fix = _("The units above are received whole; adjust what is damaged.")
        arrival.warn(exception, arrival.number, cause % words, fix)
    check_total(arrival, read.first("W14"))
    refuse_empty(arrival, message)
    return [arrival]
