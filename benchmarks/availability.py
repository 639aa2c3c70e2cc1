"""What may be promised: changes of 1 % beside everything in bulk, and asked for by its index."""

import uuid
from collections.abc import Iterator

from django.db import connection, transaction

from benchmarks.filling import fill_stock, settle
from benchmarks.ratio import Amount, Figure, Ratio, medians
from benchmarks.sizes import Sizes
from fulfilment import actions, availability
from fulfilment.models import Availability, AvailabilityExport, AvailabilityExportPiece
from inventory import ledger
from inventory.models import StockOnHand
from omnichannel.accounts.models import User
from omnichannel.jobs.progress import Silent
from omnichannel.locations.models import FulfillmentLocation, StockLocation

GOAL = 0.05
CHANGED = 100
ASKED, PAGE = 2_000, 50
LEVELS = """
SELECT location_id, product_id FROM inventory_stockonhand
 WHERE stock_location_id = %(main)s AND product_id %% 50 = 0
"""
# Every hundredth row of a location is sold once.
SOLD = """
SELECT product_id, 1, stock_location_id, NULL::smallint FROM inventory_stockonhand
 WHERE location_id = %(location)s AND stock_location_id = %(main)s AND product_id %% %(part)s = %(rest)s
"""


def run(sizes: Sizes) -> Iterator[Figure]:
    fill_stock(sizes, sizes.stock_rows)
    main = StockLocation.objects.get(name=StockLocation.MAIN).pk
    with transaction.atomic():
        availability.open_levels(LEVELS, {"main": main})
    settle("inventory_stockonhand", "fulfilment_stocklevel")
    user = User.objects.create(username=f"bench-{uuid.uuid4()}")
    whole = written(None, user)
    rests = iter(range(CHANGED))
    changed = [whole]

    def full() -> None:
        written(None, user)

    def delta() -> None:
        changed.append(written(changed[-1].mark, user))

    def sell() -> None:
        sell_one_percent(main, next(rests))

    rounds = sizes.rounds(3)
    (seconds,) = medians(full, rounds=rounds, warm=0)
    (ours,) = medians(delta, rounds=rounds, warm=0, before=sell)
    assert all(export.is_delta for export in changed[1:])
    print(f"# availability: {whole.rows:,} rows, {changed[-1].rows:,} of them changed")
    yield Ratio("availability_delta_of_1_percent", ours, seconds, GOAL)
    yield from asked(main, sizes)


def asked(main: int, sizes: Sizes) -> Iterator[Figure]:
    rows = StockOnHand.objects.filter(stock_location=main, product_id__gt=0)
    keys = list(rows.order_by("product_id").values_list("location_id", "product_id")[:ASKED])
    place = keys[0][0]
    page = Availability.objects.filter(location=place).order_by("location_id", "product_id")
    many, few = medians(
        lambda: availability.atp_of(keys),
        lambda: list(page.values_list()[:PAGE]),
        rounds=sizes.rounds(30),
    )
    yield Amount("availability_of_2000_ms", many * 1e3, 60)
    yield Amount("availability_page_of_50_ms", few * 1e3, 5)


def written(since: int | None, user: User) -> AvailabilityExport:
    """An export by the product's own act, without a worker; its file is thrown away."""
    made = AvailabilityExport.objects.create(token=str(uuid.uuid4()), since=since, owner=user)
    done = actions.write_export(made.pk, Silent())
    AvailabilityExportPiece.objects.filter(of=done).delete()
    return done


def sell_one_percent(main: int, rest: int) -> None:
    for location in FulfillmentLocation.objects.values_list("pk", flat=True):
        header = ledger.Header(
            operation_key=str(uuid.uuid4()),
            type="SHIPMENT",
            location_id=location,
            associate_id="bench",
        )
        values = {"location": location, "main": main, "part": CHANGED, "rest": rest}
        with transaction.atomic(durable=True):
            ledger.post_rows(header, SOLD, values)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_stockmovement")
