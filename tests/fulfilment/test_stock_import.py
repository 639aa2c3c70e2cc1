"""Stock that another system keeps, out of files: what is posted, and what is refused row by row."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfilment.models import Availability, LocationAvailability, StockLevel
from inventory import ledger
from inventory.models import InventoryTransaction, StockMovement
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.imports import actions, staging
from omnichannel.imports.models import Import
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.runners import work
from omnichannel.locations.models import FulfillmentLocation, LocationAccess
from tests.imports.files import imported, zipped
from tests.people import signed_in

from .stock_files import (
    CENTRE,
    ERP,
    OURS,
    TOMORROW,
    brought,
    movements,
    on_hand,
    post,
    problems,
    row,
    shop,
    stock_file,
    told,
)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *a, **k: None, raising=False)


@pytest.fixture
def owner(db: None) -> User:
    return shop()


@pytest.fixture
def committed(transactional_db: None) -> User:
    return shop()


def level(product_id: str, code: str = ERP, **fields: object) -> StockLevel:
    place = FulfillmentLocation.objects.get(code=code)
    found = Product.objects.get(product_id=product_id)
    return StockLevel.objects.create(location=place, product=found, **fields)


def test_only_the_difference_is_posted_and_the_ledger_proves_it(owner):
    first = brought(owner, row("P-1", 5), row("P-2", 0), row("P-3", 7))
    assert told(first) == ("FINISHED", 3, 3, 0, 0)
    assert on_hand() == {"P-1": 5, "P-2": 0, "P-3": 7}
    second = brought(owner, row("P-1", 5), row("P-2", 4), row("P-3", 6))
    assert told(second) == ("FINISHED", 3, 0, 2, 0)
    assert on_hand() == {"P-1": 5, "P-2": 4, "P-3": 6}
    assert list(StockMovement.objects.order_by("pk").values_list("quantity", flat=True)) == [
        5, 0, 7, 4, -1,
    ]  # fmt: skip
    act = InventoryTransaction.objects.latest("pk")
    assert (act.type, act.location.code, act.associate_id) == ("STOCK_IMPORT", ERP, "erp")
    assert act.to_stock_location.name == "main"


def test_the_same_file_again_posts_nothing_and_tells_when(owner):
    brought(owner, row("P-1", 5))
    before = movements()
    LocationAvailability.objects.update(last_import_at=timezone.now() - timedelta(days=3))
    again = brought(owner, row("P-1", 5))
    assert told(again) == ("FINISHED", 1, 0, 0, 0)
    assert movements() == before
    whole = LocationAvailability.objects.get(location__code=ERP)
    assert timezone.now() - whole.last_import_at < timedelta(minutes=5)


def test_every_wrong_row_is_told_with_row_column_and_cause_and_the_others_come_in(owner):
    import_ = brought(
        owner,
        row("P-1", 5),
        row("P-2", -1),
        row("P-3", 1.5),
        row("P-4", "many"),
        row("nobody", 1),
        row("P-5", 1, node="nowhere"),
        row("P-6", 1, node=OURS),
        row("P-1", 6),
        row("P-7"),
        row("P-8", True),
        row("P-9", 10**30),
        row("P-8", node=ERP, future_inventory={"quantity": 1, "date": TOMORROW.isoformat()}),
        row("P-8", node=CENTRE, future_inventory={"quantity": 1, "date": "2020-01-01"}),
        row("P-9", node=CENTRE, future_inventory={"quantity": 1}),
        row("P-9", node=CENTRE, future_inventory=[1]),
        {"quantity": 1},
    )
    assert told(import_) == ("PARTIALLY_FAILED", 16, 1, 0, 15)
    assert on_hand() == {"P-1": 5}
    assert [(number, column) for number, column, *_rest in problems(import_)] == [
        (2, "quantity"),
        (3, "quantity"),
        (4, "quantity"),
        (5, "product_id"),
        (6, "fulfillment_node_id"),
        (7, "fulfillment_node_id"),
        (8, "product_id"),
        (9, "quantity"),
        (10, "quantity"),
        (11, "quantity"),
        (12, "future_inventory"),
        (13, "future_inventory"),
        (14, "future_inventory.date"),
        (15, "future_inventory"),
        (16, "product_id"),
    ]
    causes = {number: cause for number, _column, _name, cause in problems(import_)}
    assert causes[2] == "quantity is negative."
    assert causes[3] == "quantity is no whole number."
    assert causes[7] == "The stock of OUR-1 is kept here, not by another system."
    assert causes[8] == "Product and location stand twice in this file, first in row 1."


def test_a_row_for_a_store_of_ours_moves_nothing_there(owner):
    post("P-1", 9, code=OURS)
    import_ = brought(owner, row("P-1", 1, node=OURS))
    assert told(import_) == ("PARTIALLY_FAILED", 1, 0, 0, 1)
    assert on_hand(OURS) == {"P-1": 9}


def test_future_inventory_of_a_centre_is_kept_and_changes_no_stock(owner):
    comes = {"quantity": 40, "date": TOMORROW.isoformat()}
    import_ = brought(
        owner, row("P-1", 3, node=CENTRE, future_inventory=comes),
        row("P-2", node=CENTRE, future_inventory=comes),
    )  # fmt: skip
    assert told(import_) == ("FINISHED", 2, 2, 0, 0)
    found = {a.product.product_id: a for a in Availability.objects.select_related("product")}
    assert [(a.on_hand, a.future_atp, a.future_date) for a in (found["P-1"], found["P-2"])] == [
        (3, 40, TOMORROW), (0, 40, TOMORROW),
    ]  # fmt: skip
    assert movements() == 1
    again = brought(owner, row("P-2", node=CENTRE, future_inventory=comes))
    assert told(again) == ("FINISHED", 1, 0, 0, 0)


def test_what_may_be_sold_is_told_without_what_is_allocated(owner):
    brought(owner, row("P-1", 3))
    level("P-1", allocated=2, soft_reserved=1)
    import_ = brought(owner, row("P-1", 10), row("P-2", 4), mode="atp")
    assert told(import_) == ("FINISHED", 2, 1, 1, 0)
    assert on_hand() == {"P-1": 12, "P-2": 4}
    assert told(brought(owner, row("P-1", 10), mode="atp")) == ("FINISHED", 1, 0, 0, 0)


def test_a_mispick_is_over_once_the_product_is_named_with_the_same_number_too(owner):
    brought(owner, row("P-1", 3), row("P-2", 3))
    for product_id in ("P-1", "P-2"):
        level(product_id, mispicked_at=timezone.now(), mispicked_after=10**9)
    assert set(Availability.objects.values_list("current_atp", flat=True)) == {0}
    brought(owner, row("P-1", 3))
    found = dict(Availability.objects.values_list("product__product_id", "current_atp"))
    assert found == {"P-1": 3, "P-2": 0}


def test_what_moved_since_the_file_was_written_is_told_and_left_alone(owner):
    brought(owner, row("P-1", 5), row("P-2", 5), row("P-3", 5))
    written = timezone.now()
    post("P-1", -1, "SHIPMENT")
    # It happened before: the file knows of it.
    post("P-2", -1, "SHIPMENT", happened_at=written - timedelta(hours=1))
    import_ = brought(owner, row("P-1", 5), row("P-2", 4), row("P-3", 6), as_of=written.isoformat())
    assert told(import_) == ("PARTIALLY_FAILED", 3, 0, 1, 1)
    assert on_hand() == {"P-1": 4, "P-2": 4, "P-3": 6}
    assert problems(import_)[0][:3] == (1, "quantity", "P-1")


def test_control_without_a_time_the_file_overwrites_what_moved(owner):
    brought(owner, row("P-1", 5))
    post("P-1", -1, "SHIPMENT")
    brought(owner, row("P-1", 5))
    assert on_hand() == {"P-1": 5}


def test_two_files_of_one_import_do_not_take_each_other_for_somebody_else(owner):
    head = {"as_of": (timezone.now() - timedelta(hours=1)).isoformat()}
    file = zipped(
        availabilities_1=stock_file(row("P-1", 5), **head),
        availabilities_2=stock_file(row("P-1", 6), **head),
    )
    import_ = imported(file, "availabilities", owner=owner)
    assert told(import_) == ("FINISHED", 2, 1, 1, 0)
    assert on_hand() == {"P-1": 6}


@pytest.mark.parametrize(
    ("head", "cause"),
    [
        ({"as_of": "2199-01-01T00:00:00Z"}, "has not come yet"),
        ({"as_of": "yesterday"}, "is no time"),
        ({"as_of": 5}, "is no time"),
        ({"mode": "guess"}, "none of on_hand, atp"),
        ({"store_mapping": None}, "store_mapping"),
        ({"store_mapping": []}, "store_mapping"),
        ({"store_mapping": [{"store_id": "x"}]}, "entry 1"),
        ({"store_mapping": [{"fulfillment_node_id": 5}]}, "entry 1"),
        ({"store_mapping": [{"fulfillment_node_id": "a\0"}]}, "entry 1"),
        ({"mapping": {ERP: "another"}}, "ERP-1 is store ERP-1 here"),
        ({"mapping": {CENTRE: "S"}}, "a distribution centre"),
        ({"mapping": {"new": ERP}}, "Store ERP-1 is location ERP-1"),
        ({"mapping": {"a": "S", "b": "S"}}, "one store to two"),
        ({"full": True}, "full import"),
    ],
)
def test_a_file_whose_head_makes_no_sense_is_refused_as_a_whole(owner, head, cause):
    import_ = brought(owner, row("P-1", 1), **head)
    assert import_.state == "FAILED"
    assert cause in import_.reason
    assert movements() == 0


def test_a_location_that_is_not_there_yet_comes_with_the_file(owner):
    import_ = brought(
        owner, row("P-1", 2, node="new-store"), row("P-2", 3, node="new-dc"),
        mapping={"new-store": "S-9", "new-dc": None},
    )  # fmt: skip
    assert told(import_) == ("FINISHED", 2, 2, 0, 0)
    store, centre = (FulfillmentLocation.objects.get(code=c) for c in ("new-store", "new-dc"))
    assert (store.kind, store.store_id, store.is_inventory_master) == ("STORE", "S-9", False)
    assert (centre.kind, centre.store_id) == ("DC", None)
    assert (on_hand("new-store"), on_hand("new-dc")) == ({"P-1": 2}, {"P-2": 3})


def test_a_dry_run_makes_no_location_and_tells_the_same_numbers(committed):
    import_ = uploaded_by(committed, stock_file(row("P-1", 2, node="new"), mapping={"new": None}))
    assert told(import_) == ("FINISHED", 1, 1, 0, 0)
    assert not FulfillmentLocation.objects.filter(code="new").exists()
    assert movements() == 0


def uploaded_by(
    owner: User, data: bytes, name: str = "availabilities.json", **options: str
) -> Import:
    """From the browser: checked, and nothing written."""
    with transaction.atomic():
        import_ = actions.upload(
            entity="availabilities", name=name, stream=io.BytesIO(data), options=options, by=owner
        )
    work()
    import_.refresh_from_db()
    return import_


CSV = "product_id,fulfillment_node_id,quantity,future_quantity,future_date\n"


def test_a_csv_is_checked_first_and_then_written_all_or_nothing(committed):
    text = f"{CSV}P-1,{ERP},5,,\nP-2,{CENTRE},,7,{TOMORROW}\n"
    import_ = uploaded_by(committed, text.encode(), "stock.csv")
    assert told(import_) == ("FINISHED", 2, 2, 0, 0)
    assert movements() == 0
    with transaction.atomic():
        actions.write(pk=import_.pk, by=committed)
    work()
    import_.refresh_from_db()
    assert told(import_) == ("FINISHED", 2, 2, 0, 0)
    assert on_hand() == {"P-1": 5}
    assert StockLevel.objects.get().future_quantity == 7


def test_a_csv_with_a_wrong_row_offers_no_import(committed):
    text = f"{CSV}P-1,{ERP},5,,\nP-2,{ERP},2.5,,\nP-3,{ERP},1,,{TOMORROW}\n"
    import_ = uploaded_by(committed, text.encode(), "stock.csv")
    assert told(import_) == ("FAILED", 3, 1, 0, 2)
    assert [(number, column) for number, column, *_rest in problems(import_)] == [
        (3, "quantity"), (4, "future_quantity"),
    ]  # fmt: skip
    with pytest.raises(actions.WrongState):
        actions.write(pk=import_.pk, by=committed)


def test_whoever_acts_for_some_stores_brings_in_no_others(owner):
    someone = User.objects.create(username="someone", document_scope="OWN_STORES")
    LocationAccess.objects.create(user=someone, location=FulfillmentLocation.objects.get(code=ERP))
    import_ = brought(someone, row("P-1", 1), row("P-2", 1, node=CENTRE))
    assert told(import_) == ("PARTIALLY_FAILED", 2, 1, 0, 1)
    assert problems(import_)[0][3] == f"There is no location {CENTRE}."
    refused = brought(someone, row("P-1", 1, node="new"), mapping={"new": None})
    assert refused.state == "FAILED"
    assert "you may not add one" in refused.reason


def test_nobody_brings_in_nothing(owner):
    assert told(brought(None, row("P-1", 1))) == ("PARTIALLY_FAILED", 1, 0, 0, 1)


def test_many_chunks_and_places_post_each_once(owner, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK", 3)
    rows = [row(f"P-{n}", n, node=code) for n in range(10) for code in (ERP, CENTRE)]
    import_ = brought(owner, *rows)
    assert told(import_) == ("FINISHED", 20, 20, 0, 0)
    assert on_hand() == on_hand(CENTRE) == {f"P-{n}": n for n in range(10)}
    assert movements() == 20
    assert InventoryTransaction.objects.count() == 14


@given(
    before=st.dictionaries(st.integers(0, 9), st.integers(0, 50), max_size=10),
    file=st.dictionaries(st.integers(0, 9), st.integers(0, 50), min_size=1, max_size=10),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_import_and_ledger_are_the_file(owner, before, file):
    """What the file names is as it says, and the rest as it was."""
    start = on_hand()
    brought(owner, *(row(f"P-{n}", q) for n, q in before.items()))
    import_ = brought(owner, *(row(f"P-{n}", q) for n, q in file.items()))
    assert import_.state == "FINISHED"
    names = {f"P-{n}": q for n, q in {**before, **file}.items()}
    assert on_hand() == dict(sorted({**start, **names}.items()))


def test_the_ledger_is_right_after_imports(committed):
    brought(committed, row("P-1", 5), row("P-2", 1, node=CENTRE))
    post("P-1", -2, "SHIPMENT")
    brought(committed, row("P-1", 5), row("P-3", 0))
    assert ledger.verify().differences == 0


def test_what_is_chosen_beside_a_csv_counts_for_it(committed):
    client, url = signed_in(committed), "/tools/imports/new/availabilities/"
    page = client.get(url).content.decode()
    assert '<option value="atp">' in page
    assert 'type="datetime-local"' in page
    file = SimpleUploadedFile("stock.csv", f"{CSV}P-1,{ERP},5,,\n".encode())
    sent = {"file": file, "mode": "atp", "as_of": "2026-01-31T06:00"}
    assert client.post(url, sent).status_code == 302
    import_ = Import.objects.get()
    assert import_.options == {"mode": "atp", "as_of": "2026-01-31 06:00:00"}
    work()
    import_.refresh_from_db()
    assert told(import_) == ("FINISHED", 1, 1, 0, 0)
    late = SimpleUploadedFile("stock.csv", f"{CSV}P-1,{ERP},5,,\n".encode())
    client.post(url, {"file": late, "as_of": "2199-01-31T06:00"})
    work()
    refused = Import.objects.latest("pk")
    assert (refused.state, "has not come yet" in refused.reason) == ("FAILED", True)
