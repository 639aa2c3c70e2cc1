"""A full count from its making to its end, with everything that is refused on the way."""

import uuid

import pytest
from django.db import ProgrammingError, transaction

from counts import actions, queries, reconciliation
from counts.models import Count, CountLine, CountResult, Observation
from inventory import actions as inventory_actions
from inventory import full_counts, ledger
from inventory.models import (
    ActiveFullCount,
    AdjustmentReason,
    InventoryTransaction,
    StockMovement,
)
from omnichannel.documents import ActionError, TransitionNotAllowed
from omnichannel.jobs.models import Job


def test_what_differs_is_posted_what_matches_is_kept_and_the_stream_is_told(floor):
    floor.products[0].identifiers.create(type="ean", value="4006381333931")
    floor.post((0, 10), (1, 5), (2, 3))
    count = floor.active(external_id="FC-7")
    assert (count.status, count.lines.count()) == ("IN_PROGRESS", 3)
    floor.zone(count, "Zone 1", (0, 4), (1, 5))
    floor.zone(count, "Zone 6", (0, 5), (3, 1), by=floor.bob)
    floor.answer(count, P2="ZERO")
    floor.complete(count)
    assert [floor.held(n) for n in range(4)] == [9, 5, 0, 1]
    results = floor.results(count)
    assert {n: (r.expected, r.counted, r.delta, r.mark) for n, r in results.items()} == {
        "P0": (10, 9, -1, "CLEAR"), "P1": (5, 5, 0, "CLEAR"),
        "P2": (3, None, -3, "CLEAR"), "P3": (0, 1, 1, "CLEAR"),
    }  # fmt: skip
    assert {str(r.price) for r in results.values()} == {"9.90"}
    assert (count.status, count.currency) == ("COMPLETED", "EUR")
    document = count.transaction
    assert (document.type, document.reference) == ("COUNT_ADJUSTMENT", "FC-7")
    moved = StockMovement.objects.filter(transaction=document)
    assert dict(moved.values_list("product__product_id", "quantity")) == {
        "P0": -1, "P1": 0, "P2": -3, "P3": 1,
    }  # fmt: skip
    (payload,) = floor.told()
    assert payload["id"] == str(count.uuid)
    assert (payload["count_type"], payload["external_id"]) == ("full_count", "FC-7")
    assert (payload["chunk_number"], payload["total_chunks"]) == (1, 1)
    assert payload["due_date"] == "2026-03-01T00:00:00.000Z"
    items = {
        i["product_id"]: (i["stock_on_hand"], i["count"], i["delta"]) for i in payload["items"]
    }
    assert items == {"P0": (10, 9, -1), "P1": (5, 5, 0), "P2": (3, 0, -3), "P3": (0, 1, 1)}
    assert payload["items"][0]["external_identifiers"] == {"ean": "4006381333931"}
    assert not ActiveFullCount.objects.exists()
    assert ledger.verify().differences == 0


def test_every_bad_id_and_every_store_is_named_and_nothing_is_made(floor):
    floor.active()
    with pytest.raises(actions.CountsRefused) as refused:
        floor.create(
            "CYCLE",
            product_ids=["P1", " P1", "p1", "P2", "P2", "=cmd"],
            location_ids=[floor.store.pk],
            name="x" * 300,
        )
    problems = {p.code: p.ids for p in refused.value.problems}
    assert problems["product_not_reachable"] == [" P1", "p1", "=cmd"]
    assert problems["product_repeated"] == ["P2"]
    assert "name_not_usable" in problems
    with pytest.raises(actions.CountsRefused) as refused:
        floor.create(location_ids=[floor.store.pk, floor.erp.pk, floor.other.pk])
    problems = {p.code: p.ids for p in refused.value.problems}
    assert problems == {"not_inventory_master": ["ERP-1"], "full_count_active": ["DE-01"]}
    assert Count.objects.count() == 1


def test_one_creation_is_one_batch_and_once_per_key(floor):
    stores = [floor.store.pk, floor.other.pk]
    first = floor.create("CYCLE", 0, 1, location_ids=stores, key="k", external_id="E-1")
    again = floor.create("CYCLE", 0, 1, location_ids=stores, key="k", external_id="E-1")
    assert first == again
    assert first.batch.counts.count() == 2
    assert CountLine.objects.count() == 4
    assert {c.name for c in Count.objects.all()} == {"E-1"}
    with pytest.raises(actions.CountsRefused, match="E-1 stands for another count"):
        floor.create("CYCLE", 0, external_id="E-1")


def test_before_activation_nothing_can_be_counted_and_phones_do_not_see_it(floor):
    count = floor.create()
    with pytest.raises(TransitionNotAllowed, match="Full Count Not Active"):
        floor.open(count)
    assert not Count.objects.for_phones().exists()
    floor.activate(count)
    assert Count.objects.for_phones().get() == count


def test_the_second_full_count_of_a_store_is_told_which_is_active(floor):
    second = floor.create(name="Second")
    floor.active(name="First")
    with pytest.raises(ActionError, match="the full count First is active"):
        floor.activate(second)
    second.refresh_from_db()
    assert (second.status, second.activation_requested_at) == ("PENDING", None)


def test_an_erp_mastered_store_is_not_activated(floor):
    count = floor.create()
    floor.store.is_inventory_master = False
    floor.store.save()
    with pytest.raises(ActionError, match="kept by the ERP"):
        floor.activate(count)
    assert not Job.objects.exists()


def test_activating_twice_is_one_job_and_one_snapshot(floor):
    floor.post((0, 1))
    count = floor.create()
    with transaction.atomic():
        jobs = {actions.activate_count(pk=count.pk, by=floor.manager).pk for _ in range(3)}
    assert len(jobs) == 1
    floor.activate(count)
    assert count.lines.count() == 1
    with pytest.raises(TransitionNotAllowed):
        floor.activate(count)


def test_while_it_is_active_truths_wait_and_trade_goes_on(floor):
    found = AdjustmentReason.objects.create(
        type="Found", subtype="Shelf", destination=floor.main, states_truth=True
    )
    broken = AdjustmentReason.objects.create(type="Damage", subtype="Broken", origin=floor.main)
    floor.post((0, 5))
    cycle = floor.create("CYCLE", 0)
    count = floor.active(name="Year")

    def adjust(reason):
        with transaction.atomic():
            inventory_actions.adjust_stock(
                location_id=floor.store.pk,
                reason_id=reason.pk,
                lines=[inventory_actions.Typed(floor.products[0].pk, 1)],
                by=floor.manager,
                key=str(uuid.uuid4()),
            )

    with pytest.raises(full_counts.CountedNow, match="Year") as refused:
        adjust(found)
    assert refused.value.count == count.uuid
    with pytest.raises(full_counts.CountedNow):
        floor.open(cycle)
    cycle.refresh_from_db()
    assert cycle.status == "PENDING"
    adjust(broken)
    floor.post((0, -1))
    assert floor.held(0) == 3
    with transaction.atomic():
        actions.cancel_counts(pks=[count.pk], by=floor.manager)
    adjust(found)
    assert floor.held(0) == 4


def test_a_cycle_count_that_began_before_waits_for_the_full_count(floor):
    floor.post((0, 5))
    cycle = floor.create("CYCLE", 0)
    floor.zone(cycle, "", (0, 4))
    count = floor.active()
    with pytest.raises(full_counts.CountedNow):
        floor.complete(cycle)
    assert floor.held(0) == 5
    with transaction.atomic():
        actions.cancel_counts(pks=[count.pk], by=floor.manager)
    floor.complete(cycle)
    assert floor.held(0) == 4


def test_never_counted_lines_are_asked_and_nothing_is_preselected(floor):
    floor.post((0, 2), (1, 3), (2, 4))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 2))
    assert {n: line.question for n, line in floor.lines(count).items()} == {
        "P0": "", "P1": "UNCOUNTED", "P2": "UNCOUNTED",
    }  # fmt: skip
    with pytest.raises(ActionError, match="2 lines wait for an answer"):
        floor.complete(count)
    with pytest.raises(ActionError, match="does not ask"):
        floor.answer(count, P1="PROPOSAL")
    with pytest.raises(ActionError, match="does not ask"):
        floor.answer(count, P1="ZERO", P0="ZERO")
    floor.answer(count, P1="ZERO", P2="LEAVE")
    floor.complete(count)
    assert [floor.held(n) for n in range(3)] == [2, 0, 4]
    (payload,) = floor.told()
    assert {i["product_id"] for i in payload["items"]} == {"P0", "P1"}


def test_an_answer_is_for_the_figures_that_were_shown(floor):
    floor.post((0, 2), (1, 3))
    count = floor.active()
    session = floor.open(count)
    floor.see(session, (0, 2))
    floor.post((1, 2))
    floor.done(session)
    floor.answer(count, P1="ZERO")
    assert floor.lines(count)["P1"].choice == "ZERO"
    floor.post((1, -1), at=session.opened_at)
    assert floor.lines(count)["P1"].choice == ""
    with pytest.raises(ActionError, match="1 line waits"):
        floor.complete(count)


def test_what_came_after_the_snapshot_and_was_found_nowhere_is_asked_too(floor):
    floor.post((0, 2))
    count = floor.active()
    floor.post((3, 7))
    floor.zone(count, "Zone 1", (0, 2))
    line = floor.lines(count)["P3"]
    assert (line.expected, line.moved, line.counted, line.question) == (0, 7, None, "UNCOUNTED")


def test_a_recount_replaces_the_zone_and_keeps_the_first(floor):
    floor.post((0, 10))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 4))
    floor.zone(count, "Zone 2", (0, 4))
    with transaction.atomic():
        actions.request_recounts(pk=count.pk, by=floor.manager, zones=["Zone 1"])
    with pytest.raises(ActionError, match="1 recount is wanted"):
        floor.complete(count)
    floor.zone(count, "Zone 1", (0, 6), by=floor.bob)
    assert floor.lines(count)["P0"].counted == 10
    zone = queries.zones(count)[0]
    assert (zone.units, zone.first_units, zone.is_recount_asked) == (6, 4, False)
    assert Observation.objects.count() == 3
    floor.complete(count)
    assert floor.held(0) == 10


def test_a_product_is_recounted_in_the_zones_that_had_it(floor):
    floor.post((0, 10), (1, 1))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 4), (1, 1))
    floor.zone(count, "Zone 2", (0, 4))
    floor.zone(count, "Zone 3")
    with transaction.atomic():
        asked = actions.request_recounts(
            pk=count.pk, by=floor.manager, product_ids=[floor.products[0].pk]
        )
    assert [r.zone.name for r in asked] == ["Zone 1", "Zone 2"]
    product = floor.products[0].pk
    floor.done(floor.open(count, "Zone 1", product_id=product))
    session = floor.open(count, "Zone 2", product_id=product)
    with pytest.raises(ActionError, match="Only one product"):
        floor.see(session, (1, 1))
    floor.see(session, (0, 9))
    floor.done(session)
    lines = floor.lines(count)
    assert (lines["P0"].counted, lines["P1"].counted) == (9, 1)
    assert not queries.open_recounts(count).exists()
    floor.complete(count)
    assert floor.held(0) == 9


def test_a_product_found_nowhere_is_looked_for_anywhere(floor):
    floor.post((0, 2), (1, 1))
    count = floor.active()
    floor.zone(count, "Zone 1", (1, 1))
    with transaction.atomic():
        (asked,) = actions.request_recounts(
            pk=count.pk, by=floor.manager, product_ids=[floor.products[0].pk]
        )
    assert asked.zone is None
    floor.done(floor.open(count, "Office", product_id=floor.products[0].pk))
    line = floor.lines(count)["P0"]
    assert (line.counted, line.question, line.delta) == (0, "", -2)


def test_completing_is_refused_while_a_zone_is_open_or_nothing_was_counted(floor):
    floor.post((0, 2))
    count = floor.active()
    with pytest.raises(ActionError, match="Nothing was counted"):
        floor.complete(count)
    session = floor.open(count, "Zone 9")
    with pytest.raises(ActionError, match="Zone 9"):
        floor.complete(count)
    with transaction.atomic():
        actions.drop_session(pk=session.pk, by=floor.ann)
    with pytest.raises(ActionError, match="Nothing was counted"):
        floor.complete(count)
    assert not CountResult.objects.exists()


def test_beyond_the_tolerance_a_reason_and_a_manager_are_needed(floor, settings):
    settings.COUNT_TOLERANCE_UNITS = "2"
    floor.post((0, 10), (1, 10))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 8), (1, 7))
    assert reconciliation.summary(count).beyond_tolerance == 1
    with pytest.raises(ActionError, match="Give a reason"):
        floor.complete(count)
    with pytest.raises(ActionError, match="A manager has to complete"):
        floor.complete(count, note="I say so", may_exceed=False)
    floor.complete(count, note="Theft on Friday")
    assert count.transaction.note == "Theft on Friday"


def test_tolerance_in_percent_and_in_money(floor, settings):
    settings.COUNT_TOLERANCE_PERCENT, settings.COUNT_TOLERANCE_VALUE = "50", "30"
    floor.post((0, 10), (1, 2), (2, 100))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 8), (1, 0), (2, 96))
    assert reconciliation.summary(count).beyond_tolerance == 2


def test_a_second_person_completes_where_it_is_configured(floor, settings):
    settings.COUNT_SECOND_PERSON = True
    floor.post((0, 1))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 1), by=floor.manager)
    with pytest.raises(ActionError, match="somebody else"):
        floor.complete(count)
    floor.complete(count, by=floor.ann)
    assert count.status == "COMPLETED"


def test_cancelling_ends_it_without_effect_and_keeps_what_was_scanned(floor):
    floor.post((0, 5))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 3))
    session = floor.open(count, "Zone 2")
    floor.see(session, (0, 1))
    with transaction.atomic():
        actions.cancel_counts(pks=[count.pk], by=floor.manager)
    count.refresh_from_db()
    assert (count.status, floor.held(0)) == ("CANCELLED", 5)
    assert floor.see(session, (0, 1)) == (1, 1)
    assert Observation.objects.count() == 3
    assert not ActiveFullCount.objects.exists()
    assert not floor.told()
    for act in (
        lambda: actions.cancel_counts(pks=[count.pk], by=floor.manager),
        lambda: actions.complete_count(pk=count.pk, by=floor.manager),
        lambda: actions.open_zone(pk=count.pk, zone="Zone 3", by=floor.ann),
        lambda: actions.answer_lines(pk=count.pk, by=floor.manager, answers={1: "ZERO"}),
        lambda: actions.reverse_count(pk=count.pk, by=floor.manager),
    ):
        with pytest.raises(TransitionNotAllowed), transaction.atomic():
            act()


def test_of_a_bulk_cancellation_with_an_ended_count_none_is_cancelled(floor):
    first, second = floor.create("CYCLE", 0), floor.create("CYCLE", 1)
    with transaction.atomic():
        actions.cancel_counts(pks=[second.pk], by=floor.manager)
    with pytest.raises(TransitionNotAllowed), transaction.atomic():
        actions.cancel_counts(pks=[first.pk, second.pk], by=floor.manager)
    first.refresh_from_db()
    assert first.status == "PENDING"


def test_a_reversal_posts_the_opposite_once_and_names_the_count(floor):
    floor.post((0, 10), (1, 5), (2, 1))
    count = floor.active(external_id="FC-1")
    floor.zone(count, "Zone 1", (0, 7), (1, 6), (2, 1))
    floor.complete(count)
    floor.post((0, -2))
    with transaction.atomic():
        document = actions.reverse_count(pk=count.pk, by=floor.manager, note="wrong day")
    assert [floor.held(n) for n in range(3)] == [8, 5, 1]
    assert (document.corrects, document.type) == (count.transaction, "COUNT_ADJUSTMENT")
    count.refresh_from_db()
    assert count.status == "COMPLETED"
    payloads = floor.told("inventory_transaction.adjustment_created")
    assert {p["adjustment_reason"] for p in payloads} == {"Count reversal"}
    assert [p["chunk_number"] for p in payloads] == [1, 2]
    with transaction.atomic():
        again = actions.reverse_count(pk=count.pk, by=floor.manager)
    assert again == document
    with pytest.raises(ActionError, match="reversed already, by manager"), transaction.atomic():
        actions.reverse_count(pk=count.pk, by=floor.ann)
    assert floor.held(0) == 8
    assert ledger.verify().differences == 0


def test_nothing_is_reversed_where_nothing_differed(floor):
    floor.post((0, 1))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 1))
    floor.complete(count)
    with pytest.raises(ActionError, match="no variance"), transaction.atomic():
        actions.reverse_count(pk=count.pk, by=floor.manager)
    assert InventoryTransaction.objects.count() == 2


def test_an_ended_count_is_final_in_the_database_too(floor):
    floor.post((0, 1))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 1))
    floor.complete(count)
    for change in (
        lambda: Count.objects.filter(pk=count.pk).update(name="x"),
        lambda: CountResult.objects.update(delta=5),
        lambda: Observation.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()
