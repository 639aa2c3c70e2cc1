import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from asn import actions
from asn.models import Asn, AsnLine, Receipt
from asn.receiving.verification import RULES
from inventory import ledger
from inventory.ledger import verification
from inventory.models import AdjustmentReason, InventoryTransaction, StockOnHand
from omnichannel.catalog.models import Product
from omnichannel.eventstream.models import Event
from omnichannel.locations.models import Configuration, FulfillmentLocation, StockLocation
from tests.people import person, store

SHIPPED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def allow_over_receipt(allowed: bool) -> None:
    Configuration.objects.update_or_create(
        pk=Configuration.THE_ONE, defaults={"allow_asn_overreceiving": allowed}
    )


class Dock:
    """Two stores of ours, one that the ERP masters, a supplier's DC; products; two people."""

    def __init__(self) -> None:
        for name in ("main", "damaged", "returns", "_in_transit"):
            StockLocation.objects.get_or_create(
                name=name, defaults={"display_name": name, "is_salable": name == "main"}
            )
        self.shelf = {one.name: one.pk for one in StockLocation.objects.all()}
        self.berlin, self.london = store("DE-01"), store("GB-01", "GB")
        self.erp = store("ERP-1")
        FulfillmentLocation.objects.filter(pk=self.erp.pk).update(is_inventory_master=False)
        self.dc = FulfillmentLocation.objects.create(
            code="DC-1", kind="DC", name="Supplier", country_code="DE", time_zone="Europe/Berlin"
        )
        self.products = [
            Product.objects.create(product_id=f"P{n}", sku=f"S{n}", name=f"Product {n}")
            for n in range(6)
        ]
        self.broken = AdjustmentReason.objects.create(
            type="Damage",
            subtype="Broken on arrival",
            origin_id=self.shelf["main"],
            destination_id=self.shelf["damaged"],
        )
        self.manager = person("manager", "Store Manager", stores=(self.berlin,))
        self.viewer = person("viewer", "Viewer", document_scope="ALL_STORES")

    def held(self, product: int, shelf: str = "main", where: Any = None) -> int:
        rows = StockOnHand.objects.filter(
            location=where or self.berlin,
            product=self.products[product],
            stock_location=self.shelf[shelf],
        )
        return rows.values_list("quantity", flat=True).first() or 0

    def bare_asn(self, number: str = "A-1", expected: int = 10, **fields: Any) -> Asn:
        """The rows alone, without the act."""
        now = timezone.now()
        values = {
            "source": Asn.Source.API,
            "origin": self.dc,
            "destination": self.berlin,
            "shipped_at": SHIPPED,
            "created_at": now,
            "updated_at": now,
            "product_count": 1,
            "expected_total": expected,
            "in_transit_total": expected,
            **fields,
        }
        asn = Asn.objects.create(number=number, **values)
        AsnLine.objects.create(
            asn=asn, product=self.products[0], expected=expected, in_transit=expected
        )
        return asn

    # ------------------------------------------------------------ acts
    def asn(self, *lines: tuple, number: str = "A-1", **fields: Any) -> Asn:
        """Lines are (product, units) or (product, units, carton)."""
        values = {
            "origin_id": self.dc.pk,
            "destination_id": self.berlin.pk,
            "shipped_at": SHIPPED,
            "source": Asn.Source.API,
            "number": number,
            **fields,
        }
        with transaction.atomic(durable=True):
            return actions.create_asn(lines=[self.expected(*line) for line in lines], **values)

    def expected(self, product: int, quantity: int, carton: str = "") -> actions.Expected:
        return actions.Expected(self.products[product].pk, quantity, carton)

    def shipped(self, *lines: tuple, number: str = "T-1", origin: Any = None, **fields: Any) -> Asn:
        """Left `origin`, London as a rule, for Berlin: its units stand in `_in_transit` there."""
        origin = origin or self.london
        moves = [
            ledger.Line(
                self.products[line[0]].pk, line[1], self.shelf["main"], self.shelf["_in_transit"]
            )
            for line in lines
        ]
        with transaction.atomic(durable=True):
            ledger.post(
                ledger.Header(
                    operation_key=f"ship-{number}",
                    type=InventoryTransaction.Type.TRANSFER,
                    location_id=origin.pk,
                    associate_id="sender",
                ),
                moves,
            )
            values = {
                "origin_id": origin.pk,
                "destination_id": self.berlin.pk,
                "shipped_at": SHIPPED,
                "source": Asn.Source.TRANSFER,
                "number": number,
                "holder_id": origin.pk,
                **fields,
            }
            return actions.create_asn(lines=[self.expected(*line) for line in lines], **values)

    def session(self, key: str = "", **more: Any) -> actions.Session:
        values = {"by": self.manager, "key": key or str(uuid.uuid4()), "kind": "ITEMS", **more}
        return actions.Session(**values)

    def arrived(self, product: int, quantity: int, **more: Any) -> actions.Arrived:
        return actions.Arrived(self.products[product].pk, quantity, **more)

    def receive(self, asn: Asn, *items: Any, key: str = "", **more: Any) -> Receipt:
        """Items are (product, units) or what `arrived` made."""
        of_session = {name: more.pop(name) for name in ("by", "note", "order_ref") if name in more}
        with transaction.atomic(durable=True):
            return actions.receive_items(
                asn_id=asn.pk,
                items=[
                    item if isinstance(item, actions.Arrived) else self.arrived(*item)
                    for item in items
                ],
                session=self.session(key, **of_session),
                **more,
            ).receipt

    def carton(self, asn: Asn, carton_id: str, key: str = "", **more: Any) -> Receipt:
        with transaction.atomic(durable=True):
            return actions.receive_carton(
                asn_id=asn.pk,
                carton_id=carton_id,
                session=self.session(key, kind="CARTON", carton_id=carton_id),
                **more,
            ).receipt

    def blind(self, *items: Any, key: str = "", note: str = "", **refs: str) -> Receipt:
        with transaction.atomic(durable=True):
            return actions.receive_blind(
                location_id=self.berlin.pk,
                items=[self.arrived(*item) for item in items],
                session=self.session(key, kind="BLIND", note=note, **refs),
            ).receipt

    def close(self, asn: Asn, fate: Any = None, key: str = "", **more: Any) -> Asn:
        with transaction.atomic(durable=True):
            values = {"by": self.manager, "key": key or str(uuid.uuid4()), **more}
            return actions.force_close_asn(asn_id=asn.pk, fate=fate, **values).asn

    def change(self, asn: Asn, *moves: actions.Move, key: str = "", **more: Any) -> Asn:
        with transaction.atomic(durable=True):
            values = {"by": self.manager, "key": key or str(uuid.uuid4()), **more}
            return actions.change_fate(asn_id=asn.pk, moves=moves, **values)

    def correct(self, receipt: Receipt, *lines: Any, key: str = "", **more: Any) -> Receipt:
        with transaction.atomic(durable=True):
            return actions.correct_receipt(
                receipt_id=receipt.pk,
                by=self.manager,
                key=key or str(uuid.uuid4()),
                lines=lines or None,
                **more,
            ).receipt

    # ------------------------------------------------------------ what is there afterwards
    def line(self, asn: Asn, product: int = 0, carton: str = "") -> AsnLine:
        return AsnLine.objects.get(asn=asn, product=self.products[product], carton_id=carton)

    def told(self, name: str = "") -> list[dict[str, Any]]:
        """Payloads of the stream in order; of one event, by its last word."""
        rows = Event.objects.order_by("pk")
        return [
            json.loads(row.body)["payload"] for row in rows if row.name.endswith(name or row.name)
        ]

    def agree(self) -> None:
        """The whole ledger and every notice, inside a test's own transaction too."""
        with connection.cursor() as cursor:
            for rule, select in {**verification.RULES, **RULES}.items():
                cursor.execute(select)
                assert cursor.fetchall() == [], rule

    def everything(self) -> dict[str, Any]:
        """What a refusal may not have changed."""
        return {
            "stock": sorted(StockOnHand.objects.values_list()),
            "transactions": InventoryTransaction.objects.count(),
            "asns": sorted(Asn.objects.values_list(), key=str),
            "lines": sorted(AsnLine.objects.values_list()),
            "receipts": Receipt.objects.count(),
            "events": Event.objects.count(),
        }

    def refused(self, act: Callable[[], object], error: type, match: str | None = None) -> Any:
        """The refusal, after which nothing is different."""
        before = self.everything()
        with pytest.raises(error, match=match) as caught:
            act()
        assert self.everything() == before
        return caught.value


@pytest.fixture
def dock(db: None) -> Dock:
    return Dock()


@pytest.fixture
def busy_dock(transactional_db: None) -> Dock:
    """Where threads of their own act."""
    return Dock()
