"""A worker that is killed in an export: the file is there whole or not at all (RELIABILITY F1)."""

from django.db import transaction

from fulfilment import actions
from fulfilment.models import AvailabilityExport, AvailabilityExportPiece
from tests.dying import killed, lease_ran_out

from .conftest import Hall, work
from .test_exporting import read

# When the pieces are written, before what makes them a file.
THERE = "fulfilment.actions.exporting:zip_array"


def asked_for(hall: Hall) -> AvailabilityExport:
    hall.post(0, 5)
    with transaction.atomic():
        return actions.start_export(since=None, by=hall.user)


def test_a_killed_worker_leaves_nothing_and_the_next_writes_the_whole_file(hall):
    made = asked_for(hall)
    killed(THERE)
    made.refresh_from_db()
    assert made.state != AvailabilityExport.State.FINISHED
    assert not AvailabilityExportPiece.objects.exists()
    lease_ran_out()
    work()
    made.refresh_from_db()
    assert read(made) == {("DE-01", "P0"): 5}


def test_control_without_one_transaction_half_a_file_stays(hall):
    made = asked_for(hall)
    killed(THERE, apart=True)
    made.refresh_from_db()
    assert made.state != AvailabilityExport.State.FINISHED
    assert AvailabilityExportPiece.objects.exists()
