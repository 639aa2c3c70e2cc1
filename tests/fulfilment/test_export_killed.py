"""A worker that is killed in an export: the file is there whole or not at all (RELIABILITY F1)."""

from django.db import transaction

from fulfilment import actions
from fulfilment.models import AvailabilityExport, AvailabilityExportPiece
from tests.dying import killed, lease_ran_out

from .conftest import Hall, work
from .test_exporting import read

# It stops when the pieces are written, before what makes them a file.
WORKER = """
import sys, time
from contextlib import nullcontext
import django
django.setup()
from fulfilment import tasks
from fulfilment.actions import exporting
from omnichannel.jobs.progress import Telling
from omnichannel.jobs.runners import work
zip_array = exporting.zip_array
def stopping(*args):
    zip_array(*args)
    print("here", flush=True)
    time.sleep(600)
exporting.zip_array = stopping
if "without" in sys.argv:
    Telling.transaction = lambda progress: nullcontext()
work()
"""


def asked_for(hall: Hall) -> AvailabilityExport:
    hall.post(0, 5)
    with transaction.atomic():
        return actions.start_export(since=None, by=hall.user)


def test_a_killed_worker_leaves_nothing_and_the_next_writes_the_whole_file(hall):
    made = asked_for(hall)
    killed(WORKER)
    made.refresh_from_db()
    assert made.state != AvailabilityExport.State.FINISHED
    assert not AvailabilityExportPiece.objects.exists()
    lease_ran_out()
    work()
    made.refresh_from_db()
    assert read(made) == {("DE-01", "P0"): 5}


def test_control_without_one_transaction_half_a_file_stays(hall):
    made = asked_for(hall)
    killed(WORKER, "without")
    made.refresh_from_db()
    assert made.state != AvailabilityExport.State.FINISHED
    assert AvailabilityExportPiece.objects.exists()
