import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from asn.receiving.verification import RULES as ASN_RULES
from inventory import ledger
from inventory.ledger import verification
from inventory.models import InventoryTransaction, StockMovement
from omnichannel.locations.models import StockLocation
from tests.asn.conftest import Dock
from tests.people import person
from transfers import actions
from transfers.models import (
    PickScan,
    TransferOrder,
    TransferOrderLine,
    TransferTransaction,
    TransferTransactionLine,
)
from transfers.shipping.verification import RULES

Source = TransferOrder.Source


class Yard(Dock):
    """A dock, and orders from London to Berlin, the ERP's store or the DC; a packer in London."""

    def __init__(self) -> None:
        super().__init__()
        StockLocation.objects.get_or_create(
            name="_transfers", defaults={"display_name": "Set aside for transfers"}
        )
        self.shelf = {one.name: one.pk for one in StockLocation.objects.all()}
        self.packer = person("packer", "Store Manager", stores=(self.london,))
        self.numbers = 0

    # ------------------------------------------------------------ acts
    def stock(self, *lines: tuple[int, int], where: Any = None, shelf: str = "main") -> None:
        """Units by product come into the books."""
        with transaction.atomic():
            ledger.post(
                ledger.Header(
                    operation_key=str(uuid.uuid4()),
                    type=InventoryTransaction.Type.STOCK_IMPORT,
                    location_id=(where or self.london).pk,
                    associate_id="import",
                ),
                [
                    ledger.Line(self.products[product].pk, units, None, self.shelf[shelf])
                    for product, units in lines
                ],
            )

    def order(self, *lines: tuple[int, int], ref: str = "", **fields: Any) -> TransferOrder:
        """Injected, from London to Berlin as a rule; lines are (product, units)."""
        self.numbers += 1
        values = {
            "origin_id": fields.pop("origin", self.london).pk,
            "destination_id": fields.pop("destination", self.berlin).pk,
            "source": Source.API,
            "external_ref": ref or f"TR-{self.numbers}",
            "key": str(uuid.uuid4()),
            "lines": [actions.Ordered(self.products[p].pk, units) for p, units in lines],
            **fields,
        }
        with transaction.atomic(durable=True):
            return actions.create_transfer_order(**values).order

    def begun(self, *lines: tuple[int, int], **fields: Any) -> TransferOrder:
        """By the store itself."""
        values = {"source": Source.STORE, "external_ref": "", "by": self.packer, **fields}
        return self.order(*lines, **values)

    def parcel(
        self, order: TransferOrder, *lines: tuple[int, int], key: str = ""
    ) -> TransferTransaction:
        """Being picked; lines are set as a person types them."""
        with transaction.atomic(durable=True):
            parcel = actions.begin_transaction(
                order_id=order.pk, by=self.packer, key=key or str(uuid.uuid4())
            )
            self.put(parcel, *lines)
            return parcel

    def put(self, parcel: TransferTransaction, *lines: tuple[int, int]) -> None:
        if lines:
            actions.set_picks(
                transaction_id=parcel.pk,
                lines=[actions.Picked(self.products[p].pk, units) for p, units in lines],
            )

    def scan(self, parcel: TransferTransaction, *scans: actions.Scan) -> int:
        with transaction.atomic(durable=True):
            return actions.record_picks(transaction_id=parcel.pk, scans=scans)

    def scanned(self, product: int | None, quantity: int = 1, key: Any = None, code: str = "c"):
        pk = None if product is None else self.products[product].pk
        return actions.Scan(key or uuid.uuid4(), code, pk, quantity, timezone.now())

    def ready(self, parcel: TransferTransaction, key: str = "", **more: Any) -> TransferTransaction:
        return self.done(actions.make_ready, parcel, key, **more).transaction

    def ship(self, parcel: TransferTransaction, key: str = "", **more: Any) -> actions.Shipped:
        return self.done(actions.ship, parcel, key, **more)

    def unpack(self, parcel: TransferTransaction, key: str = "", **more: Any) -> Any:
        return self.done(actions.unpack, parcel, key, **more).transaction

    def done(self, act: Any, parcel: TransferTransaction, key: str, **more: Any) -> Any:
        with transaction.atomic(durable=True):
            values = {"by": self.packer, "key": key or str(uuid.uuid4()), **more}
            return act(transaction_id=parcel.pk, **values)

    def close_order(self, order: TransferOrder, key: str = "", **more: Any) -> TransferOrder:
        with transaction.atomic(durable=True):
            values = {"by": self.packer, "key": key or str(uuid.uuid4()), **more}
            return actions.close_transfer_order(order_id=order.pk, **values).order

    # ------------------------------------------------------------ what is there afterwards
    def shelves(self, product: int = 0, where: Any = None) -> tuple[int, int, int]:
        """Units in main, set aside, and under way; London's as a rule."""
        names = ("main", "_transfers", "_in_transit")
        main, aside, away = (self.held(product, name, where or self.london) for name in names)
        return main, aside, away

    def order_line(self, order: TransferOrder, product: int = 0) -> TransferOrderLine:
        return TransferOrderLine.objects.get(order=order, product=self.products[product])

    def agree(self) -> None:
        """The whole ledger, every notice and every transfer, in a test's own transaction too."""
        rules: Mapping[str, str] = {**verification.RULES, **ASN_RULES, **RULES}
        with connection.cursor() as cursor:
            for rule, select in rules.items():
                cursor.execute(select)
                assert cursor.fetchall() == [], rule

    def everything(self) -> dict[str, Any]:
        return {
            **super().everything(),
            "orders": sorted(TransferOrder.objects.values_list(), key=str),
            "order lines": sorted(TransferOrderLine.objects.values_list()),
            "parcels": sorted(TransferTransaction.objects.values_list(), key=str),
            "parcel lines": sorted(TransferTransactionLine.objects.values_list()),
            "scans": PickScan.objects.count(),
            "movements": StockMovement.objects.count(),
        }


@pytest.fixture
def yard(db: None) -> Yard:
    return Yard()


@pytest.fixture
def busy_yard(transactional_db: None) -> Yard:
    """Where threads of their own act."""
    return Yard()
