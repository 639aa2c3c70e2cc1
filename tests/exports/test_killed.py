"""A worker that is killed while it makes a file: the next one makes it whole (RELIABILITY F1)."""

from omnichannel.exports.models import Export, ExportPiece
from tests.dying import killed, lease_ran_out

from .test_exports import DE, content, download, rows_of

# It stops when the pieces are written, before what makes them a file.
WORKER = """
import sys, time
from contextlib import nullcontext
import django
django.setup()
from omnichannel.exports import building, tasks
from omnichannel.jobs.progress import Telling
from omnichannel.jobs.runners import work
keep = building.keep
def stopping(*args):
    keep(*args)
    print("here", flush=True)
    time.sleep(600)
building.keep = stopping
if "without" in sys.argv:
    Telling.transaction = lambda progress: nullcontext()
work()
"""


def test_a_killed_worker_leaves_nothing_and_the_next_makes_the_whole_file(mine, ask, done):
    export = ask(mine, DE)
    killed(WORKER)
    assert not ExportPiece.objects.exists()
    assert Export.objects.get().ready_at is None
    assert download(mine, export).status_code != 200
    lease_ran_out()
    ready = done(export)
    assert (ready.state, ready.rows) == ("READY", 3)
    assert len(rows_of(content(download(mine, export)))) == 3


def test_control_without_one_transaction_pieces_of_no_file_stay(mine, ask):
    ask(mine, DE)
    killed(WORKER, "without")
    assert ExportPiece.objects.exists()
    assert Export.objects.get().ready_at is None
