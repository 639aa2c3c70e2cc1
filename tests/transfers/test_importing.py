"""Warehouses' messages become orders, shipments and receipts, once, or not at all."""

import io
import re
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from asn.models import Asn, Receipt
from omnichannel.catalog.models import Product, ProductIdentifier, ScanIdentifier
from omnichannel.documents import ActionError
from omnichannel.eventstream.models import Event
from omnichannel.imports import actions as imports
from omnichannel.imports import pieces, running
from omnichannel.imports import tasks as runners  # noqa: F401 — registers the runner
from omnichannel.imports.models import Import
from omnichannel.jobs.progress import Silent
from omnichannel.jobs.runners import work
from omnichannel.locations.models import FulfillmentLocation
from tests.asn.messages import GTINS
from tests.people import person, signed_in
from transfers.models import TransferOrder, TransferTransaction

from .messages import (
    CUT_940,
    IN_CASES,
    OUR_945,
    REAL_940,
    REAL_943,
    REAL_944,
    arrived,
    ordered,
    shipped,
    x12,
)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnichannel.jobs.actions.current_app.send_task", lambda *a, **k: None)


@pytest.fixture
def trade(yard: Any) -> Any:
    return stocked(yard)


@pytest.fixture
def busy_trade(busy_yard: Any) -> Any:
    """Where a job runs, which commits."""
    return stocked(busy_yard)


def stocked(yard: Any) -> Any:
    """Products by GTIN and supplier's code, units in London; somebody who acts in all stores."""
    for position, kind in enumerate(("product_id", "sku", "ean", "upc"), start=1):
        ScanIdentifier.objects.update_or_create(kind=kind, defaults={"position": position})
    for product, gtin in zip(yard.products, GTINS, strict=False):
        ProductIdentifier.objects.create(product=product, type="ean", value=gtin)
    yard.stock((0, 9), (1, 9), (2, 9))
    yard.sender = person("sender", "Integration", document_scope="ALL_STORES")
    return yard


def bring(data: bytes, by: Any, **options: str) -> Import:
    """What the job of a file that is written at once does; refused or not."""
    import_ = imports.rehearsal("transfers", "some.edi", options, by)
    Import.objects.filter(pk=import_.pk).update(is_rehearsal=False)
    pieces.keep(import_, io.BytesIO(data))
    with suppress(ActionError):
        running.run(import_.pk, Silent())
    import_.refresh_from_db()
    return import_


def told(import_: Import, *, is_warning: bool = False) -> list[str]:
    rows = import_.problems.filter(is_warning=is_warning).order_by("id")
    return [each.cause for each in rows]


def events() -> list[str]:
    names = Event.objects.order_by("pk").values_list("name", flat=True)
    return [name.partition(".")[2] for name in names]


P0, P1, P2 = "IN*P0", f"EN*{GTINS[1]}", "IN*P2"


# ------------------------------------------------------------ 940
def test_a_940_becomes_an_order_that_sets_aside_what_is_there(trade):
    import_ = bring(x12(ordered("TR-1", (P0, 4), (P1, 12))), trade.sender)
    assert (import_.state, import_.created, import_.errors) == ("FINISHED", 1, 0), told(import_)
    order = TransferOrder.objects.get()
    assert (order.external_ref, order.source, order.status) == ("TR-1", "FILE", "OPEN")
    assert (order.origin, order.destination) == (trade.london, trade.berlin)
    assert (order.due_date, order.note) == (date(2026, 3, 10), "Fragile")
    assert order.import_reference == str(import_.uuid)
    # Written at half past nine on the wall of the sender, whose clock is that of Berlin.
    assert f"{order.ordered_at:%Y-%m-%d %H:%M}" == "2026-03-02 08:30"
    assert (order.ordered_total, order.reserved_total, events()) == (16, 13, [])
    trade.agree()


def test_the_same_940_again_changes_nothing_and_another_under_its_number_is_refused(trade):
    bring(x12(ordered("TR-1", (P0, 4))), trade.sender)
    before = trade.everything()
    again = bring(x12(ordered("TR-1", (P0, 4))), trade.sender)
    assert (again.state, again.created) == ("FINISHED", 0)
    assert "TR-1 came before and says the same" in told(again, is_warning=True)[0]
    other = bring(x12(ordered("TR-1", (P0, 5))), trade.sender)
    assert other.state == "FAILED"
    assert told(other)[0].startswith("order_already_exists: Transfer TR-1 exists already")
    assert trade.everything() == before


def test_a_real_940_comes_in_once_its_ends_are_told_beside_it(trade):
    ProductIdentifier.objects.create(product=trade.products[3], type="upc", value="871209028795")
    without = bring(REAL_940.read_bytes(), trade.sender)
    assert without.state == "FAILED"
    assert [cause.partition(":")[0] for cause in told(without)] == [
        "It leaves from no location of ours for you to act in",
        "It goes to no location of ours",
    ]
    beside = {"origin": "GB-01", "destination": "DE-01"}
    import_ = bring(REAL_940.read_bytes(), trade.sender, **beside)
    assert (import_.state, import_.created) == ("FINISHED", 1), told(import_)
    line = TransferOrder.objects.get(external_ref="35131").lines.get()
    assert (line.product, line.ordered) == (trade.products[3], 1)


@pytest.mark.parametrize("path", [IN_CASES, CUT_940], ids=["cases", "cut"])
def test_real_messages_that_cannot_be_read_whole_write_nothing(trade, path):
    import_ = bring(path.read_bytes(), trade.sender, origin="GB-01", destination="DE-01")
    assert (import_.state, TransferOrder.objects.count()) == ("FAILED", 0)
    assert told(import_) or "segment 11 (SE): it counts 12" in import_.reason


def test_a_person_orders_from_his_own_stores_only(trade):
    anna = person("anna", "Store Manager", stores=(trade.berlin,))
    foreign = bring(x12(ordered("TR-1", (P0, 4))), anna)
    unknown = bring(x12(ordered("TR-1", (P0, 4))).replace(b"GB-01", b"XX-99"), anna)
    assert (foreign.state, unknown.state) == ("FAILED", "FAILED")
    assert told(foreign)[0].replace("GB-01", "XX-99") == told(unknown)[0]
    assert bring(x12(ordered("TR-1", (P0, 4))), None).state == "FAILED"
    assert TransferOrder.objects.count() == 0


# ------------------------------------------------------------ 945 and 943
@pytest.mark.parametrize("kind", ["943", "945"])
def test_a_shipment_against_an_order_is_a_parcel_that_has_left(trade, kind):
    trade.order((0, 4), (1, 2), ref="TR-1")
    data = x12(shipped("TR-1", (P0, 3), (P1, 2), kind=kind))
    import_ = bring(data, trade.sender)
    assert (import_.state, import_.created) == ("FINISHED", 1), told(import_)
    parcel = TransferTransaction.objects.get()
    assert (parcel.status, parcel.carrier, parcel.tracking_number) == ("SHIPPED", "PARC", "SH-1")
    assert (parcel.asn.destination, parcel.asn.expected_total) == (trade.berlin, 5)
    assert trade.shelves(0) == (5, 1, 3)
    assert parcel.order.status == "IN_PROGRESS"
    assert events() == ["items_ready_for_handover", "asn_created"]
    before = trade.everything()
    again = bring(data, trade.sender)
    assert (again.state, again.created, trade.everything()) == ("FINISHED", 0, before)
    bring(x12(shipped("TR-1", (P0, 1), number="SH-2", kind=kind)), trade.sender)
    assert (TransferOrder.objects.get().status, events()[-1]) == (
        "COMPLETED",
        "transfer_order_closed",
    )
    trade.agree()


def test_the_same_shipment_with_other_units_is_refused(trade):
    trade.order((0, 4), ref="TR-1")
    bring(x12(shipped("TR-1", (P0, 1))), trade.sender)
    other = bring(x12(shipped("TR-1", (P0, 2))), trade.sender)
    assert "told before, as TR-1-1, and with other units" in told(other)[0]
    assert TransferTransaction.objects.count() == 1


def test_a_945_without_its_order_and_one_of_other_ends_are_refused(trade):
    nothing = bring(x12(shipped("TR-9", (P0, 1))), trade.sender)
    assert "No transfer order that leaves from your locations is known as TR-9" in told(nothing)[0]
    trade.order((0, 4), ref="TR-9", destination=trade.dc)
    other = bring(x12(shipped("TR-9", (P0, 1))), trade.sender)
    assert "It names ST DE-01, but Transfer TR-9 has DC-1 there" in told(other)[0]
    his = person("anna", "Store Manager", stores=(trade.berlin,))
    assert bring(x12(shipped("TR-9", (P0, 1))), his).state == "FAILED"
    assert TransferTransaction.objects.count() == 0


def test_more_than_was_ordered_or_is_there_is_refused_with_product_and_quantities(trade):
    trade.order((0, 4), (1, 20), (3, 5), ref="TR-1")
    much = bring(x12(shipped("TR-1", (P0, 5))), trade.sender)
    assert "P0: 5 packed, 4 still to ship" in told(much)[0]
    little = bring(x12(shipped("TR-1", (P1, 20))), trade.sender)
    assert "P1: 9 on hand, 20 asked" in told(little)[0]
    assert (TransferTransaction.objects.count(), trade.shelves(0)) == (0, (5, 4, 0))


def test_our_945_ships_from_a_distribution_centre_whose_stock_is_not_ours(trade):
    trade.order((0, 5), (1, 4), (2, 6), ref="TR-500", origin=trade.dc)
    import_ = bring(OUR_945.read_bytes(), trade.sender)
    assert (import_.state, import_.created) == ("FINISHED", 1), told(import_)
    parcel = TransferTransaction.objects.get()
    assert (parcel.tracking_number, parcel.quantity_total) == ("1Z0000000077", 8)
    assert {line.carton_id for line in parcel.asn.lines.all()} == {"1Z0000000077"}
    assert parcel.asn.holder is None


def test_a_943_that_belongs_to_no_order_is_an_asn_from_outside(trade):
    data = x12(shipped("PO-7", (P0, 3), number="SH-9", kind="943"))
    data = data.replace(b"N1*SF*Shop*92*GB-01", b"N1*SF*Supplier*92*DC-1")
    assert bring(data, trade.sender).state == "FINISHED"
    asn = Asn.objects.get()
    assert (asn.number, asn.po_number, asn.source) == ("SH-9", "PO-7", "FILE")
    assert (asn.origin, asn.destination, asn.holder) == (trade.dc, trade.berlin, None)
    assert bring(data, trade.sender).created == 0
    assert (TransferTransaction.objects.count(), events()) == (0, [])


# ------------------------------------------------------------ 944
def test_the_real_943_ships_and_the_real_944_receives_what_it_shipped(trade):
    """Their partner's number of the product, and of the order, is one of ours."""
    item = Product.objects.create(product_id="ITEM123", sku="ITEM123", name="An item")
    trade.products.append(item)
    acme = FulfillmentLocation.objects.create(
        code="ACME01", kind="DC", name="Acme", country_code="US", time_zone="America/New_York"
    )
    trade.stock((len(trade.products) - 1, 120))
    order = trade.order((len(trade.products) - 1, 100), ref="DO12345", destination=acme)
    assert bring(REAL_943.read_bytes(), trade.sender).created == 1
    order.refresh_from_db()
    assert (order.status, order.transactions.get().carrier) == ("COMPLETED", "SCAC")
    import_ = bring(REAL_944.read_bytes(), trade.sender)
    assert (import_.state, import_.created) == ("FINISHED", 1), told(import_)
    asn = Asn.objects.get()
    assert (asn.status, asn.received_total, Receipt.objects.get().asn) == ("CLOSED", 100, asn)
    assert bring(REAL_944.read_bytes(), trade.sender).created == 0
    assert bring(REAL_943.read_bytes(), trade.sender).created == 0
    assert trade.held(len(trade.products) - 1, "_in_transit", trade.london) == 0
    trade.agree()


@pytest.mark.parametrize(
    "by", [{"shipment": "SH-1"}, {"shipment": "TR-1-1"}, {}], ids=["carton", "number", "order"]
)
def test_a_944_finds_what_it_means_and_counts_once(trade, by):
    trade.order((0, 4), ref="TR-1")
    bring(x12(shipped("TR-1", (P0, 3))), trade.sender)
    data = x12(arrived("WR-1", "TR-1", (P0, 2), **by))
    assert bring(data, trade.sender).created == 1
    before = trade.everything()
    assert bring(data, trade.sender).created == 0
    assert trade.everything() == before
    other = bring(x12(arrived("WR-1", "TR-1", (P0, 1), **by)), trade.sender)
    assert other.state == "FAILED"
    assert (trade.held(0, "main", trade.berlin), Asn.objects.get().in_transit_total) == (2, 1)
    trade.agree()


def test_a_944_that_could_mean_several_or_none_says_which(trade):
    trade.order((0, 4), ref="TR-1")
    assert "No open ASN" in told(bring(x12(arrived("WR-1", "TR-1", (P0, 1))), trade.sender))[0]
    for number in ("SH-1", "SH-2"):
        bring(x12(shipped("TR-1", (P0, 1), number=number)), trade.sender)
    several = bring(x12(arrived("WR-1", "TR-1", (P0, 1))), trade.sender)
    assert "Several open ASNs of yours could be meant: TR-1-1, TR-1-2" in told(several)[0]
    gwen = person("gwen", "Store Manager", stores=(trade.london,))
    foreign = bring(x12(arrived("WR-1", "TR-1", (P0, 1), shipment="SH-1")), gwen)
    assert "No open ASN to one of your locations" in told(foreign)[0]
    assert Receipt.objects.count() == 0


# ------------------------------------------------------------ a file
def test_an_order_its_shipment_and_its_receipt_come_in_one_file(trade):
    data = x12(
        ordered("TR-1", (P0, 4)),
        shipped("TR-1", (P0, 4)),
        arrived("WR-1", "TR-1", (P0, 4), shipment="SH-1"),
    )
    import_ = bring(data, trade.sender)
    assert (import_.state, import_.created) == ("FINISHED", 3), told(import_)
    assert TransferOrder.objects.get().status == "COMPLETED"
    assert trade.held(0, "main", trade.berlin) == 4
    assert events() == [
        "items_ready_for_handover",
        "asn_created",
        "transfer_order_closed",
        "items_received",
        "asn_closed",
    ]
    before = trade.everything()
    assert bring(data, trade.sender).created == 0
    assert trade.everything() == before
    trade.agree()


def test_one_bad_message_refuses_the_file_and_each_of_its_errors_is_told(trade):
    before = trade.everything()
    data = x12(
        ordered("TR-1", (P0, 4)),
        ordered("TR-2", ("IN*GONE", 1), ("IN*LOST", 1)),
        shipped("TR-1", (P0, 9)),
    )
    import_ = bring(data, trade.sender)
    assert (import_.state, import_.errors) == ("FAILED", 3)
    rows = import_.problems.order_by("id").values_list("row", "column", "entity_id")
    assert list(rows) == [(21, "W01", "GONE"), (23, "W01", "LOST"), (27, "ST", "SH-1")]
    assert trade.everything() == before


def test_a_file_of_other_messages_says_what_it_holds(trade):
    import_ = bring(b"", trade.sender)
    assert "is empty" in import_.reason
    data = x12(ordered("TR-1", (P0, 4))).replace(b"ST*940", b"ST*850")
    assert "holds no message of a warehouse" in bring(data, trade.sender).reason


def test_ids_that_are_too_long_and_quantities_beyond_all_are_told(trade):
    for data in (
        x12(ordered("T" * 257, (P0, 1))),
        x12(ordered("TR-1", (P0, 10**11))),
        x12(ordered("TR-1", (P0, 1))).replace(b"DE-01", b"GB-01"),
    ):
        import_ = bring(data, trade.sender)
        assert (import_.state, len(told(import_))) == ("FAILED", 1)
    assert TransferOrder.objects.count() == 0


# ------------------------------------------------------------ from the browser, and the command
def words(client: Any, page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", client.get(page).content.decode()).split())


def test_a_file_is_checked_then_written_from_the_browser(busy_trade):
    client = signed_in(busy_trade.sender)
    assert "Transfers (X12 940, 943, 944, 945)" in words(client, "/tools/imports/new/transfers/")
    file = SimpleUploadedFile("today.x12", x12(ordered("TR-1", (P0, 4)), usage="T"))
    page = client.post("/tools/imports/new/transfers/", {"file": file})["Location"]
    work()
    assert TransferOrder.objects.count() == 0
    assert busy_trade.shelves(0) == (9, 0, 0)
    shown = words(client, page)
    assert "1 new and 0 changed" in shown
    assert "The sender marks the message as a test." in shown
    client.post(page, {"act": "write"})
    work()
    assert (TransferOrder.objects.get().external_ref, busy_trade.shelves(0)) == ("TR-1", (5, 4, 0))
    clerk = signed_in(person("clerk", "Corporate Operations"))
    file = SimpleUploadedFile("today.x12", x12(ordered("TR-2", (P0, 4))))
    assert clerk.post("/tools/imports/new/transfers/", {"file": file}).status_code == 403


def test_the_command_brings_files_in_once_and_says_what_is_wrong(trade, tmp_path):
    good, bad = tmp_path / "good.x12", tmp_path / "bad.x12"
    good.write_bytes(x12(ordered("TR-1", (P0, 4))))
    bad.write_bytes(x12(shipped("TR-8", (P0, 4))))

    def command(*args: str) -> tuple[str, str, str]:
        out, err = io.StringIO(), io.StringIO()
        refused = ""
        try:
            call_command("import_transfers", *args, stdout=out, stderr=err)
        except CommandError as error:
            refused = str(error)
        return out.getvalue(), err.getvalue(), refused

    assert (
        "no user who may transfer and receive inventory" in command(str(good), "--by", "viewer")[2]
    )
    assert command(str(good), "--by", "sender", "--check")[2] == ""
    assert TransferOrder.objects.count() == 0
    said, warned, refused = command(str(good), str(bad), "--by", "sender")
    assert "1 rows: 1 new" in said
    assert "error: bad.x12, segment 3 (ST): No transfer order" in warned
    assert refused == f"Nothing was written of {bad}."
    assert "came before" in command(str(good), "--by", "sender")[1]
    assert TransferOrder.objects.count() == 1


def test_control_an_act_that_refuses_lets_nothing_in(trade, monkeypatch):
    """Proves that all of it goes through the acts of the API."""

    def refused(**values: Any) -> None:
        raise ActionError("No order today.")

    monkeypatch.setattr("transfers.actions.creating.create_transfer_order", refused)
    assert told(bring(x12(ordered("TR-1", (P0, 4))), trade.sender)) == ["No order today."]
