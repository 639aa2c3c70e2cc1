"""A shop with something in every list, much of it alike, so that orders have to be broken by more."""

from datetime import UTC, date, datetime
from uuid import UUID

from django.test.utils import override_settings
from django.utils import timezone

from asn.actions import Expected, create_asn
from counts.actions import create_counts
from fulfilment.models import Mispick
from inventory.models import CustomerReservation
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.eventstream.models import Attempt, Delivery, Event, Integration, LogEntry
from omnichannel.eventstream.names import INVENTORY
from omnichannel.exports.models import Export
from omnichannel.imports.models import Import
from omnichannel.locations.models import ReturnCondition
from transfers.actions import Ordered, create_transfer_order

from .conftest import World


def fill(world: World) -> list[Product]:
    """41 products, many alike in name, size and colour, some without; sold, lost and found."""
    products = [
        world.product(
            f"P-{n:02}",
            ["Éclair", "eclair", "Zebra", "apple"][n % 4],
            sku=f"S{n % 7}" if n % 3 else "",
            size=["S", "M", "XL", ""][n % 4],
            color=["Red", ""][n % 2],
            variant_group=f"G{n % 5}",
        )
        for n in range(41)
    ]
    world.post(*((p, n - 5) for n, p in enumerate(products)))
    world.post(*((p, 7) for p in products[::2]), where=world.tokyo, reference="R-1")
    for n, product in enumerate(products):
        world.post((product, -1), type="ADJUSTMENT", reason_id=world.reason.pk, note=f"n{n}")
        world.post((products[0], n % 3 - 1), type="RETURN", reference=f"R-{n % 4}")
        Import.objects.create(origin="API", entities=["prices"], name=f"Prices {n}", provider="erp")
        announce(world, n, products)
        order(world, n, products)
    plan_counts(world)
    tell_the_stream(world)
    by = User.objects.create(username="who-exports")
    for n in range(41):
        ReturnCondition.objects.create(
            condition_code=n - 20, stock_location=world.shelves["damaged"]
        )
        type(world.reason).objects.create(
            type=f"T{n % 3}", subtype=f"R{n}", origin=world.shelves["main"]
        )
    promise(world, products)
    for n in range(41):
        Export.objects.create(
            owner=by, title=f"List {n % 3}", address="/", format="csv", name=f"{n}.csv"
        )
    return products


def promise(world, products):
    """Reservations and mispicks, many of one moment."""
    for n in range(41):
        moment = datetime(2026, 3, 1 + n % 4, 9, tzinfo=UTC)
        CustomerReservation.objects.create(
            external_id=f"R-{n:02}",
            customer_profile_id=f"C-{n % 5}",
            location=world.berlin,
            associate_id="a",
            status=CustomerReservation.Status.values[n % 5],
            created_at=moment,
            expires_at=moment,
            operation_key=f"promise-{n}",
        )
        Mispick.objects.create(
            kind=Mispick.Kind.values[n % 2],
            order_uuid=UUID(int=n % 7),
            item_uuid=UUID(int=n),
            location=world.berlin,
            product=products[n],
            associate_id="a",
            updated_at=moment,
        )


def plan_counts(world):
    """Counts of both stores, many of one day and of one name."""
    by = User.objects.create(username="who-counts")
    for n in range(41):
        create_counts(
            type=("CYCLE", "FULL")[n % 7 == 0],
            location_ids=[(world.berlin, world.tokyo)[n % 3 == 0].pk],
            stock_location_id=world.shelves[("main", "damaged")[n % 5 == 0]].pk,
            due_date=date(2026, 3, 1 + n % 4),
            by=by,
            key=f"count-{n}",
            product_ids=[] if n % 7 == 0 else ["P-01"],
            name=["", "Éclair", "eclair", "Zebra"][n % 4],
            external_id=f"C-{n}" if n % 2 else None,
        )


def tell_the_stream(world):
    """Events that one receiver of many rejected, with their tries and the log."""
    now = timezone.now()
    streams = [Integration.objects.create(name=f"erp-{n:02}") for n in range(30)]
    for n in range(41):
        event = Event.objects.create(
            name=INVENTORY[n % 8], entity_id=f"e{n}", published_at=now, body="{}"
        )
        delivery = Delivery.objects.create(
            event=event, integration=streams[n % 2], state="REJECTED", created_at=now
        )
        Attempt.objects.create(
            delivery=delivery, event=event, integration=streams[n % 2], attempted_at=now,
            status="FAILURE", code=400, response_time_ms=n, retries_remaining=10,
        )  # fmt: skip
        LogEntry.objects.create(integration=streams[n % 3], action="retry_triggered")


def announce(world, n: int, products) -> None:
    """Notices both ways, many of one moment."""
    ends = (world.berlin.pk, world.tokyo.pk)[:: -1 if n % 3 else 1]
    create_asn(
        origin_id=ends[0],
        destination_id=ends[1],
        shipped_at=datetime(2026, 3, 1 + n % 4, 9, tzinfo=UTC),
        lines=[Expected(p.pk, n % 5 + 1, f"C-{n}") for p in products[: n % 3 + 1]],
        source="API",
        number=f"{['N', 'n', 'é'][n % 3]}-{n}",
        order_ids=[f"O-{n % 7}", "O"],
        expected_date=date(2026, 3, 5 + n % 9) if n % 2 else None,
    )


def order(world, n: int, products) -> None:
    """Transfers both ways, many of one moment."""
    ends = (world.berlin.pk, world.tokyo.pk)[:: -1 if n % 3 else 1]
    # Set aside, units would not be where the others look for them.
    with override_settings(TRANSFERS_RESERVE=False):
        create_transfer_order(
            origin_id=ends[0],
            destination_id=ends[1],
            ordered_at=datetime(2026, 3, 1 + n % 4, 9, tzinfo=UTC),
            due_date=date(2026, 3, 5 + n % 9) if n % 2 else None,
            lines=[Ordered(p.pk, n % 5 + 1) for p in products[: n % 3 + 1]],
            source="API",
            external_ref=f"{['T', 't', 'é'][n % 3]}-{n}",
            key=f"transfer-{n}",
        )
