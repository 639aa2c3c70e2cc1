"""Rows that Hypothesis draws for the lists: few values, many alike, some empty, some odd."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from inventory.models import AdjustmentReason, InventoryTransaction, StockMovement, StockOnHand
from omnichannel.catalog.models import Price, Pricebook, Product, ProductIdentifier
from omnichannel.locations.models import FulfillmentLocation, StockLocation

Type, Status = InventoryTransaction.Type, InventoryTransaction.Status
ZONES = ["Europe/Berlin", "Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati", "UTC"]
SHELVES = ["main", "damaged", StockLocation.IN_TRANSIT]
ODD = [
    "", " ", "a", "A", "á", "a\u0301", "aa", "Zebra", "zebra", "ß", "İ", "日本", "😀", "\uffff", "%", "_", "\\",
    "'", '"', ",", "=1+1", "+1", "-1", "@x", "＝1", "\t", "a\nb", "a\r\nb", "NULL", "\\.", "{}", "<b>", "%s",
]  # fmt: skip
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")

texts = st.one_of(st.sampled_from(ODD), st.text(LETTERS, max_size=5))
some_texts = texts.filter(bool)
# What a filter may name: a word with neither commas nor blanks at its ends.
words = st.sampled_from(["", "S", "M", "é", "x%", "_", "10"])
# Around the two days of the year on which a clock is set, and around midnight.
moments = st.builds(
    lambda day, minute: datetime(2011, 3, 25, tzinfo=UTC) + timedelta(days=day, minutes=minute),
    st.sampled_from([0, 1, 2, 3, 217, 218, 219]),
    st.sampled_from([0, 30, 719, 720, 809, 810, 839, 840, 900, 1319, 1320, 1380, 1439]),
)
quantities = st.sampled_from([-7, -1, 0, 1, 2, 5, 6, 1_000])
mostly = st.sampled_from([True, True, True, False])
numbers = itertools.count()
COUNTED = datetime(2011, 3, 25, 23, 30, tzinfo=UTC)

products = st.tuples(some_texts, texts, texts, words, words, words, st.booleans())
places = st.tuples(
    some_texts, texts, texts, st.sampled_from(["DE", "GB", "JP"]), st.sampled_from(ZONES),
    st.sampled_from([None, 0, 1]), mostly, mostly,
)  # fmt: skip
indices = st.integers(0, 11)
stock_rows = st.tuples(indices, indices, indices, quantities)
documents = st.tuples(
    st.sampled_from(Type.values), indices, st.sampled_from(Status.values),
    st.none() | moments, st.sampled_from(["", "R-1", "R-2", "r-1", "R_1", "=R", "ü"]),
    st.sampled_from(["ann", "bob", "+bob"]), st.sampled_from([None, 0, 1]),
)  # fmt: skip
movements = st.tuples(indices, indices, indices, quantities, moments)


def many(rows: st.SearchStrategy, most: int = 12, least: int = 1) -> st.SearchStrategy:
    return st.lists(rows, min_size=least, max_size=most)


class Drawn:
    """What was drawn, as rows of the database; `using` names the connection that writes them."""

    def __init__(self, using: str = "default") -> None:
        self.using = using
        self.shelves = [self.shelf(name) for name in SHELVES]
        self.books = [
            self.new(Pricebook(name=f"book {currency}", currency=currency))
            for currency in ("EUR", "JPY")
        ]
        self.reasons = [
            self.new(
                AdjustmentReason(type=kind, subtype=f"=sub {kind}", origin=self.shelves[0]),
            )
            for kind in ("Lost", "Found")
        ]
        self.products: list[Product] = []
        self.places: list[FulfillmentLocation] = []
        self.documents: list[InventoryTransaction] = []
        self.taken: set[tuple] = set()

    def new(self, row: Any) -> Any:
        row.save(using=self.using, force_insert=True)
        return row

    def shelf(self, name: str) -> StockLocation:
        rows = StockLocation.objects.using(self.using)
        return rows.get_or_create(name=name, defaults={"display_name": f"@{name}"})[0]

    def add_product(self, drawn: tuple) -> Product | None:
        product_id, name, sku, size, color, group, is_active = drawn
        if any(product_id == known.product_id for known in self.products):
            return None
        row = Product(
            product_id=product_id, name=name, sku=sku, size=size, color=color, variant_group=group,
            is_active=is_active,
        )  # fmt: skip
        self.products.append(self.new(row))
        return row

    def add_price(self, book: int, product: Product, value: str) -> None:
        self.new(Price(pricebook=self.books[book], product=product, value=value))

    def add_identifier(self, product: Product, value: str) -> None:
        self.new(ProductIdentifier(product=product, type="EAN", value=value))

    def add_place(self, drawn: tuple) -> FulfillmentLocation | None:
        code, name, city, country, zone, book, is_store, is_ours = drawn
        if any(code == known.code for known in self.places):
            return None
        row = FulfillmentLocation(
            code=code, kind="STORE" if is_store else "DC", store_id=code if is_store else None,
            name=name, city=city, country_code=country, time_zone=zone,
            pricebook=None if book is None else self.books[book],
            is_inventory_master=is_store and is_ours,
        )  # fmt: skip
        self.places.append(self.new(row))
        return row

    def add_stock(self, drawn: tuple) -> StockOnHand | None:
        place, product, shelf, quantity = drawn
        row = StockOnHand(
            location=one(self.places, place), product=one(self.products, product),
            stock_location=one(self.shelves, shelf), quantity=quantity,
            counted_at=None if quantity % 2 else COUNTED + timedelta(days=quantity % 5),
        )  # fmt: skip
        if row.pk in self.taken:
            return None
        self.taken.add(row.pk)
        StockOnHand._base_manager.using(self.using).bulk_create([row])
        return row

    def add_document(self, drawn: tuple) -> InventoryTransaction:
        kind, place, status, completed_at, reference, associate, reason = drawn
        if status == Status.COMPLETED and completed_at is None:
            status = Status.IN_PROGRESS
        row = InventoryTransaction(
            type=kind, status=status, location=one(self.places, place), reference=reference,
            associate_id=associate, started_at=completed_at or datetime(2011, 1, 1, tzinfo=UTC),
            completed_at=completed_at, operation_key=f"drawn {next(numbers)}", movements_after=0,
            movement_count=0, reason=None if reason is None else self.reasons[reason],
            from_location=None if reason is None else one(self.places, place + 1),
            to_location=None if reason else one(self.places, place + 2),
            from_stock_location=None if reason is None else one(self.shelves, place),
            to_stock_location=None if reason else one(self.shelves, place + 1),
            note="" if reason is None else associate,
        )  # fmt: skip
        self.documents.append(self.new(row))
        return row

    def add_movement(self, drawn: tuple) -> StockMovement:
        document, product, shelf, quantity, happened_at = drawn
        made_by = one(self.documents, document)
        return self.new(
            StockMovement(
                transaction=made_by,
                location=made_by.location,
                quantity=quantity,
                balance=quantity,
                product=one(self.products, product),
                stock_location=one(self.shelves, shelf),
                happened_at=happened_at,
                posted_at=happened_at,
            )
        )


def one(rows: list[Any], index: int) -> Any:
    return rows[index % len(rows)]
