"""The shop's year as documents and lines for `ledger.load`."""

from array import array
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time
from typing import NamedTuple

from django.utils.translation import gettext as _

from inventory.ledger import HistoryDocument, HistoryLine
from inventory.models import InventoryTransaction

from . import clock
from .masterdata import Store
from .source import BadFile

Type = InventoryTransaction.Type


class Draft(NamedTuple):
    """A document before the year is moved.

    `local` is what the store's clock showed; None stands for the first midnight of the year.
    """

    key: str
    type: str
    store: Store
    local: datetime | None
    reference: str
    from_location_id: int | None = None
    to_location_id: int | None = None
    from_stock_location_id: int | None = None
    to_stock_location_id: int | None = None
    reason_id: int | None = None
    note: str = ""

    def moved(self, weeks: int, midnight: datetime) -> HistoryDocument:
        """The document as it stands in the ledger, `weeks` later."""
        at_till = self.type in (Type.SHIPMENT, Type.RETURN)
        return HistoryDocument(
            key=self.key,
            type=str(self.type),
            location_id=self.store.id,
            from_location_id=self.from_location_id,
            to_location_id=self.to_location_id,
            from_stock_location_id=self.from_stock_location_id,
            to_stock_location_id=self.to_stock_location_id,
            reason_id=self.reason_id,
            reference=self.reference,
            note=self.note,
            # The source names no person: one simulated id per store and counter.
            associate_id=f"{'till' if at_till else 'stock'}-{self.store.code}",
            happened_at=clock.instant(self.local or midnight, self.store.zone, weeks),
        )


class History:
    """Documents and lines as they are read; lines lie in arrays, 14 bytes each."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.columns = array("i"), array("i"), array("h"), array("i")
        self.without_store: Counter[str] = Counter()

    def open(self, draft: Draft) -> int:
        """The index of the new document; of one instant, the one opened first comes first."""
        self.drafts.append(draft)
        return len(self.drafts) - 1

    def add(self, document: int, product_id: int, stock_location_id: int, quantity: int) -> None:
        documents, products, stock_locations, quantities = self.columns
        documents.append(document)
        products.append(product_id)
        stock_locations.append(stock_location_id)
        quantities.append(quantity)

    def lines(self) -> Iterator[HistoryLine]:
        return map(HistoryLine, *self.columns)

    def last_lines(self, type: str) -> dict[int, list[tuple[int, int]]]:
        """Product and quantity of the lines of each store's last document of a type."""
        last: dict[int, int] = {}
        for number, draft in enumerate(self.drafts):
            if draft.type == type and draft.local:
                before = last.get(draft.store.id)
                if before is None or (self.drafts[before].local or draft.local) <= draft.local:
                    last[draft.store.id] = number
        found: dict[int, list[tuple[int, int]]] = {number: [] for number in last.values()}
        documents, products, _places, quantities = self.columns
        for document, product, quantity in zip(documents, products, quantities, strict=True):
            if document in found:
                found[document].append((product, quantity))
        return {store: found[number] for store, number in last.items()}

    def line_count(self) -> int:
        return len(self.columns[0])

    def moved_to_last_week(self, now: datetime) -> tuple[int, list[HistoryDocument]]:
        """How many weeks the year is moved to end last week, and its documents there.

        Late on Sunday in the west is already Monday here: a year whose end would lie in the
        future is moved one week less.

        Raises:
            BadFile: there is no movement or delivery at all.
        """
        dated = [draft.local for draft in self.drafts if draft.local]
        if not dated:
            raise BadFile(_("The data files hold no movement and no delivery."))
        midnight = datetime.combine(min(dated), time.min)
        weeks = clock.weeks_to_last_week(max(dated), now)
        documents = [draft.moved(weeks, midnight) for draft in self.drafts]
        if max(document.happened_at for document in documents) > now:
            weeks -= 1
            documents = [draft.moved(weeks, midnight) for draft in self.drafts]
        return weeks, documents
