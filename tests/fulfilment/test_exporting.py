"""Availability in bulk: whole, and exactly what changed (CONTRACT §4.4, ADR 0030)."""

import io
import json
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfilment import actions, tasks
from fulfilment.actions import exporting
from fulfilment.availability import telling
from fulfilment.models import (
    AvailabilityExport,
    AvailabilityExportPiece,
    AvailabilityGroup,
    AvailabilityGroupMember,
    LocationAvailability,
)
from inventory import ledger
from inventory.models import Allocation, InventoryTransaction
from omnichannel.jobs.progress import Silent
from omnichannel.locations.models import FulfillmentLocation
from tests.emptying import empty

from .conftest import Hall, work

Kind = Allocation.Kind


def exported(hall, since=None, group=None) -> AvailabilityExport:
    with transaction.atomic():
        made = actions.start_export(since=since, by=hall.user, group=group)
    work()
    made.refresh_from_db()
    assert made.state == AvailabilityExport.State.FINISHED
    return made


def read(export) -> dict[tuple[str, str], int]:
    pieces = AvailabilityExportPiece.objects.filter(of=export).order_by("number")
    data = b"".join(bytes(piece.data) for piece in pieces)
    assert len(data) == export.size
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = archive.namelist()
        rows = json.loads(archive.read(name))
    assert len(rows) == export.rows
    return {(row["fulfillment_node_id"], row["product_id"]): row["atp"] for row in rows}


def group_of(*locations) -> AvailabilityGroup:
    made = AvailabilityGroup.objects.create(name=str(uuid4()))
    for position, location in enumerate(locations):
        AvailabilityGroupMember.objects.create(group=made, position=position, location=location)
    return made


def test_a_file_tells_every_product_of_every_location_with_its_names(hall):
    hall.products[0].identifiers.create(type="EAN13", value='40"06')
    hall.post(0, 3)
    hall.post(1, 4, where=hall.erp, type="STOCK_IMPORT")
    export = exported(hall)
    assert read(export) == {("DE-01", "P0"): 3, ("ERP-1", "P1"): 4}
    pieces = AvailabilityExportPiece.objects.get(of=export)
    with zipfile.ZipFile(io.BytesIO(pieces.data)) as archive:
        rows = json.loads(archive.read("availabilities.json"))
    named = {row["product_id"]: row["external_identifiers"] for row in rows}
    assert named["P0"] == [{"identifiers": {"ean13": '40"06'}}]
    assert not export.is_delta


def test_a_delta_tells_what_changed_and_nothing_else(hall):
    for product in range(4):
        hall.post(product, 5)
    former = exported(hall)
    assert read(exported(hall, former.mark)) == {}
    hall.post(0, -1, type="SHIPMENT")
    hall.reserve(1, uuid4())
    hall.post(3, 2, shelf="display")
    changed = exported(hall, former.mark)
    assert changed.is_delta
    assert read(changed) == {("DE-01", "P0"): 4, ("DE-01", "P1"): 4}
    assert read(exported(hall, changed.mark)) == {}


def test_a_location_that_is_switched_off_or_holds_back_more_is_told_whole(hall):
    hall.post(0, 5)
    hall.post(1, 5)
    hall.post(0, 5, where=hall.erp, type="STOCK_IMPORT")
    former = exported(hall)
    FulfillmentLocation.objects.filter(pk=hall.erp.pk).update(is_enabled=False)
    assert read(exported(hall, former.mark)) == {("ERP-1", "P0"): 0}
    LocationAvailability.objects.create(location=hall.ours, safety_stock=4)
    told = {("ERP-1", "P0"): 0, ("DE-01", "P0"): 1, ("DE-01", "P1"): 1}
    assert read(exported(hall, former.mark)) == told


def test_a_delta_for_more_locations_than_before_is_told_whole(hall):
    hall.post(0, 5)
    hall.post(0, 5, where=hall.erp, type="STOCK_IMPORT")
    one, both = group_of(hall.ours), group_of(hall.ours, hall.erp)
    former = exported(hall, group=one)
    assert read(former) == {("DE-01", "P0"): 5}
    assert not exported(hall, former.mark, both).is_delta
    assert not exported(hall, former.mark).is_delta
    assert exported(hall, former.mark, one).is_delta
    assert exported(hall, exported(hall).mark, one).is_delta


@pytest.mark.parametrize("since", [0, 1, 2**53])
def test_what_was_never_told_is_no_beginning(hall, since):
    hall.post(0, 5)
    assert read(exported(hall, since)) == {("DE-01", "P0"): 5}


def test_a_mark_of_another_installation_is_no_beginning(hall):
    former = exported(hall)
    AvailabilityExport.objects.filter(pk=former.pk).update(cluster="another")
    assert not exported(hall, former.mark).is_delta


@contextmanager
def uncommitted(hall, product: int):
    """A posting of another connection that has its transaction id, and is not committed."""
    rival = connection.copy()
    try:
        with rival.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()")
            yield lambda: write(cursor, hall, product), lambda: cursor.execute("COMMIT")
    finally:
        rival.close()


def write(cursor, hall, product: int) -> None:
    """What `ledger.post` runs, on the other connection."""
    header = ledger.Header(
        operation_key=str(uuid4()),
        type=InventoryTransaction.Type.RECEIVING,
        location_id=hall.ours.pk,
        associate_id="rival",
    )
    posting = ledger.posting
    sql = posting.STATEMENT.format(typed=posting.TYPED, order=posting.IN_LOCK_ORDER)
    typed = {
        "products": [hall.products[product].pk],
        "quantities": [7],
        "from": [None],
        "to": [hall.shelf["main"]],
    }
    cursor.execute(sql, {**typed, **posting.parameters(header, uuid4(), timezone.now())})


def earlier_writer(hall) -> tuple[dict, dict]:
    """(what the next delta tells, what is true) after a writer that began before the export."""
    hall.post(0, 1)
    with uncommitted(hall, 0) as (post, commit):
        post()
        hall.post(1, 1)
        former = exported(hall)
        assert read(former) == {("DE-01", "P0"): 1, ("DE-01", "P1"): 1}
        commit()
    told = read(former) | read(exported(hall, former.mark))
    return told, read(exported(hall))


def test_a_writer_that_began_before_the_export_and_commits_after_is_told_next(hall):
    told, true = earlier_writer(hall)
    assert told == true == {("DE-01", "P0"): 8, ("DE-01", "P1"): 1}


def test_control_all_after_the_highest_number_seen_misses_it(hall, monkeypatch):
    highest = "written_in >= pg_snapshot_xmax(%(snapshot)s::pg_snapshot)"
    changed = telling.CHANGED.replace(telling.UNSEEN, highest)
    assert changed != telling.CHANGED
    monkeypatch.setattr(telling, "CHANGED", changed)
    told, true = earlier_writer(hall)
    assert told != true


def test_a_row_written_last_by_the_older_transaction_is_told(hall):
    """The older one waits for nobody here: it writes after the younger one has committed."""
    hall.post(0, 1)
    with uncommitted(hall, 0) as (post, commit):
        hall.post(0, 1)
        former = exported(hall)
        post()
        commit()
    assert read(former) == {("DE-01", "P0"): 2}
    assert read(exported(hall, former.mark)) == {("DE-01", "P0"): 9}


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["post", "ship", "reserve", "assign", "safety", "switch", "fail", "export"]
        ),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    max_size=9,
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_a_former_file_with_the_changes_is_the_new_file(transactional_db, acts):
    empty()
    hall = Hall()
    for product in range(4):
        hall.post(product, 3)
    former = exported(hall)
    known = read(former)
    for act, product, number in [*acts, ("export", 0, 0)]:
        if act == "export":
            latest = exported(hall, former.mark)
            assert latest.is_delta
            known |= read(latest)
            former = latest
            assert known == read(exported(hall))
            assert all(atp >= 0 for atp in known.values())
            assert hall.facts() == hall.counted()
        else:
            do(hall, act, product, number)


def do(hall, act: str, product: int, number: int) -> None:
    if act == "post":
        hall.post(product, number)
    elif act == "ship":
        hall.post(product, -number, type="SHIPMENT")
    elif act == "safety":
        hall.level(product, safety_stock=number)
    elif act == "switch":
        FulfillmentLocation.objects.filter(pk=hall.ours.pk).update(is_enabled=number > 0)
    elif hall.atp(product):
        if act == "reserve":
            hall.reserve(product, uuid4())
            return
        made = hall.assign(product)
        if act == "fail":
            hall.fail(*made, "no_inventory")


def test_an_export_that_is_killed_is_written_anew(hall, monkeypatch):
    hall.post(0, 5)
    zip_array = exporting.zip_array

    def killed(*args):
        zip_array(*args)
        raise RuntimeError("killed")

    monkeypatch.setattr(exporting, "zip_array", killed)
    with transaction.atomic():
        made = actions.start_export(since=None, by=hall.user)
    with pytest.raises(RuntimeError):
        actions.write_export(made.pk, Silent())
    assert not AvailabilityExportPiece.objects.exists()
    monkeypatch.setattr(exporting, "zip_array", zip_array)
    work()
    made.refresh_from_db()
    assert read(made) == {("DE-01", "P0"): 5}
    assert actions.write_export(made.pk, Silent()).mark == made.mark


def test_files_are_forgotten_after_a_week_and_marks_later(hall):
    hall.post(0, 5)
    former = exported(hall)
    AvailabilityExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    tasks.forget_the_past()
    assert not AvailabilityExportPiece.objects.exists()
    assert exported(hall, former.mark).is_delta
    AvailabilityExport.objects.update(received_at=timezone.now() - timedelta(days=91))
    tasks.forget_the_past()
    assert not AvailabilityExport.objects.exists()
