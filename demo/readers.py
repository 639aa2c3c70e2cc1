"""Opening stock, deliveries and movements out of the data files, into a `History`."""

import zlib
from collections import Counter
from datetime import datetime, time
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from inventory.models import AdjustmentReason

from . import parsing
from .history import Draft, History, Type
from .masterdata import Store, Unique
from .reasons import STATES_TRUTH, TEXTS, Reason, reason_for
from .source import Column, Source

FOLDER = "retail-history"
OPENING = ("store_id", "sku", "quantity")
DELIVERIES = ("store_id", "delivered_on", "asn_number", "sku", "quantity")
MOVEMENTS = (
    "happened_at_local",
    "document",
    "type",
    "sku",
    "delta",
    "unit_price_gbp",
    "store_id",
    "reason",
)
DELIVERY_TIME = time(6, 0)


class Kind(NamedTuple):
    """What one `type` of the movements file means here."""

    type: str
    enters: bool
    is_adjustment: bool = False


KINDS = {
    "sale": Kind(Type.SHIPMENT, enters=False),
    "return": Kind(Type.RETURN, enters=True),
    "adjustment_in": Kind(Type.ADJUSTMENT, enters=True, is_adjustment=True),
    "adjustment_out": Kind(Type.ADJUSTMENT, enters=False, is_adjustment=True),
}


class Known(NamedTuple):
    """What the history may name, by the name it uses; `products` holds primary keys."""

    stores: dict[str, Store]
    products: dict[str, int]
    reasons: dict[Reason, AdjustmentReason]
    main_id: int

    def store_column(self, source: Source) -> Column[Store]:
        unknown = _("no store of stores.csv is called %r.")
        return source.column("store_id", parsing.one_of(self.stores, unknown))

    def product_column(self, source: Source) -> Column[int]:
        unknown = _("%r is neither in products.csv nor in unlisted_products.csv.")
        return source.column("sku", parsing.one_of(self.products, unknown))


def load_reasons(main_id: int) -> dict[Reason, AdjustmentReason]:
    """The reasons of demo/reasons.py, into or out of `main`."""
    return {
        reason: AdjustmentReason.objects.create(
            type=reason.type,
            subtype=reason.subtype,
            destination_id=main_id if reason.enters else None,
            origin_id=None if reason.enters else main_id,
            states_truth=reason.type in STATES_TRUTH,
        )
        for reason in TEXTS
    }


def read_opening(folder: Path, known: Known, history: History) -> int:
    """Simulated stock at the first midnight, one import per store; answers the lines."""
    source = Source(folder / FOLDER, "opening_stock.csv", OPENING)
    stores, products = known.store_column(source), known.product_column(source)
    units = source.column("quantity", parsing.whole_number(0))
    unique = Unique(source, "sku")
    opened: dict[str, int] = {}
    before = history.line_count()
    for code, sku, quantity in source:
        unique.check((code, sku), sku)
        if code not in opened:
            draft = stock_import(stores[code], known.main_id, "OPENING", "Simulated opening stock")
            opened[code] = history.open(draft)
        history.add(opened[code], products[sku], known.main_id, units[quantity])
    return history.line_count() - before


def stock_import(store: Store, stock_location_id: int, label: str, note: str) -> Draft:
    """A stock import of quantities that nobody counted, and labelled so."""
    return Draft(
        key=f"demo/{label}/{store.code}",
        type=Type.STOCK_IMPORT,
        store=store,
        local=None,
        reference=f"SIM-{label}-{store.code}",
        to_location_id=store.id,
        to_stock_location_id=stock_location_id,
        note=note,
    )


class Delivery(NamedTuple):
    """An ASN number stands for one store and one day."""

    document: int
    code: str
    day: str


def read_deliveries(folder: Path, known: Known, history: History) -> int:
    """Simulated receipts from the store's centre; answers how many they are."""
    source = Source(folder / FOLDER, "deliveries_simulated.csv", DELIVERIES)
    stores, products = known.store_column(source), known.product_column(source)
    days = source.column("delivered_on", parsing.day)
    numbers = source.column("asn_number", parsing.text_up_to(150))
    units = source.column("quantity", parsing.whole_number(1))
    opened: dict[str, Delivery] = {}
    for code, day, number, sku, quantity in source:
        found = opened.get(number)
        if found is None:
            local = datetime.combine(days[day], DELIVERY_TIME)
            draft = receipt(stores[code], known.main_id, numbers[number], local)
            found = opened[number] = Delivery(history.open(draft), code, day)
        elif (found.code, found.day) != (code, day):
            raise source.bad(
                "asn_number",
                _("%(number)r went to %(store)s on %(day)s in an earlier row.")
                % {"number": number, "store": found.code, "day": found.day},
            )
        history.add(found.document, products[sku], known.main_id, units[quantity])
    return len(opened)


def receipt(store: Store, main_id: int, number: str, local: datetime) -> Draft:
    return Draft(
        key=f"demo/DELIVERY/{number}",
        type=Type.RECEIVING,
        store=store,
        local=local,
        reference=number,
        from_location_id=store.centre_id,
        to_location_id=store.id,
        to_stock_location_id=main_id,
        note="Simulated delivery",
    )


def read_movements(folder: Path, known: Known, history: History) -> Counter[str]:
    """Sales, returns and adjustments; answers the lines read of each type.

    A line without a store cannot be booked anywhere: it is counted in `without_store`.
    """
    source = Source(folder / FOLDER, "movements.csv", MOVEMENTS)
    times = source.column("happened_at_local", parsing.local_time)
    numbers = source.column("document", parsing.text_up_to(100))
    kinds = source.column("type", parsing.one_of(KINDS, _("%r is no type of movement.")))
    products = known.product_column(source)
    deltas = source.column("delta", parsing.signed_units)
    amounts = source.column("unit_price_gbp", parsing.amount)
    stores = known.store_column(source)
    opened: dict[tuple[str, ...], int] = {}
    read: Counter[str] = Counter()
    for local, number, name, sku, delta, price, code, text in source:
        kind, units, product_id = kinds[name], deltas[delta], products[sku]
        # Looked up to be checked: a bad field is refused even where it is not used.
        _checked = times[local], numbers[number], amounts[price]
        if (units > 0) is not kind.enters:
            raise source.bad(
                "delta",
                _("%(delta)s is the wrong way round for %(type)r.")
                % {"delta": delta, "type": name},
            )
        if not code:
            history.without_store[name] += 1
            continue
        key = number, name, local, code, text
        document = opened.get(key)
        if document is None:
            reason = reason_of(source, kind, text, known)
            draft = movement_draft(stores[code], known.main_id, kind, times[local], key, reason)
            document = opened[key] = history.open(draft)
        history.add(document, product_id, known.main_id, units)
        read[name] += 1
    return read


def reason_of(source: Source, kind: Kind, text: str, known: Known) -> AdjustmentReason | None:
    if kind.is_adjustment:
        try:
            return known.reasons[reason_for(text, enters=kind.enters)]
        except ValueError as error:
            raise source.bad("reason", str(error)) from None
    if text:
        raise source.bad("reason", _("only an adjustment has a reason."))
    return None


def movement_draft(
    store: Store,
    main_id: int,
    kind: Kind,
    local: datetime,
    key: tuple[str, ...],
    reason: AdjustmentReason | None,
) -> Draft:
    """One document per number, type and minute, and per reason where its lines differ in it."""
    number, name, _local, _code, text = key
    suffix = f"/{zlib.crc32(text.encode()):08x}" if text else ""
    # An adjustment stays within the store; what is sold or brought back crosses its door.
    place_id = None if kind.is_adjustment else store.id
    return Draft(
        key=f"demo/{number}/{name}/{local:%Y%m%dT%H%M%S}/{store.code}{suffix}",
        type=kind.type,
        store=store,
        local=local,
        reference=number,
        from_location_id=None if kind.enters else place_id,
        to_location_id=place_id if kind.enters else None,
        from_stock_location_id=None if kind.enters else main_id,
        to_stock_location_id=main_id if kind.enters else None,
        reason_id=reason.pk if reason else None,
        note=text,
    )
