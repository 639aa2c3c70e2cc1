"""The demo's counts: every status, each labelled, and books that are right with them."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from counts import reconciliation
from counts.filters import OVERDUE
from counts.models import Count, CountResult
from demo.loading import load_demo
from demo.notices import EVERY_SCENE, FEWEST
from demo.stocktakes import DONE, FEWEST_IN_FULL, SCENES, THREE_ZONES, planned
from inventory.ledger import verification
from inventory.models import InventoryTransaction

from .conftest import Folder
from .test_notices import deliver

pytestmark = pytest.mark.django_db


def load(folder: Folder) -> int:
    with transaction.atomic():
        summary = load_demo(now=timezone.now(), folder=folder.path)
    assert summary is not None
    return summary.counts


def test_every_status_is_there_each_is_labelled_and_the_books_agree(folder: Folder) -> None:
    deliver(folder, 30)
    assert load(folder) == Count.objects.count() == 2 * len(SCENES) + 1
    for store in EVERY_SCENE:
        here = Count.objects.filter(location__code=store)
        assert set(here.values_list("status", flat=True)) == set(Count.Status)
        assert here.filter(OVERDUE).count() == 1
        reversed_ = here.get(transaction__corrections__isnull=False)
        assert reversed_.status == "COMPLETED"
    assert not Count.objects.filter(type="FULL").exists()
    for counted in Count.objects.all():
        assert counted.name.startswith("Simulated ")
        assert counted.external_id.startswith("SIM-COUNT-")
    posted = InventoryTransaction.objects.filter(type="COUNT_ADJUSTMENT")
    assert posted.count() == (len(EVERY_SCENE) + 1) * 2 + 2 * 2
    for note, reference in posted.values_list("note", "reference"):
        assert note.startswith("Simulated ")
        assert reference.startswith("SIM-COUNT-")
    assert CountResult.objects.filter(delta=-1).exists()
    assert CountResult.objects.filter(delta=2).exists()
    with connection.cursor() as cursor:
        for rule, select in verification.RULES.items():
            cursor.execute(select)
            assert cursor.fetchall() == [], rule


def test_the_associate_finds_his_half_done_count(folder: Folder) -> None:
    deliver(folder, FEWEST, stores=("DE-01",))
    load(folder)
    counted = Count.objects.get(location__code="DE-01", status="IN_PROGRESS")
    session = counted.sessions.get()
    assert (session.by.username, session.observations.count()) == ("associate-de", FEWEST // 2)
    assert {line.question for line in reconciliation.lines(counted)} >= {"UNCOUNTED"}


def test_deliveries_of_a_few_products_are_not_counted(folder: Folder) -> None:
    deliver(folder, FEWEST - 1)
    assert load(folder) == 0
    assert not Count.objects.exists()


@pytest.mark.parametrize("number", [FEWEST_IN_FULL, 500])
def test_the_plan_of_a_full_count_puts_every_product_somewhere(number: int) -> None:
    held = [(product, product % 40 + 2) for product in range(1, number + 1)]
    plan = planned(held)
    seen = [product for zone in DONE for product, _units in plan.zones[zone]]
    assert len(seen) == len(set(seen)) == number - 3 - 2
    assert {plan.three_zones, plan.sold}.isdisjoint(seen)
    assert dict(held)[plan.three_zones] == sum(THREE_ZONES.values())
    short = {product for zone in plan.being_counted.values() for product, _units in zone}
    assert short
    assert short <= set(seen)
