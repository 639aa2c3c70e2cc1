"""A worker that is killed while it makes a file: the next one makes it whole (RELIABILITY F1)."""

from omnichannel.exports.models import Export, ExportPiece
from tests.dying import killed, lease_ran_out

from .test_exports import DE, content, download, rows_of

# When the pieces are written, before what makes them a file.
THERE = "omnichannel.exports.building:keep"


def test_a_killed_worker_leaves_nothing_and_the_next_makes_the_whole_file(mine, ask, done):
    export = ask(mine, DE)
    killed(THERE)
    assert not ExportPiece.objects.exists()
    assert Export.objects.get().ready_at is None
    assert download(mine, export).status_code != 200
    lease_ran_out()
    ready = done(export)
    assert (ready.state, ready.rows) == ("READY", 3)
    assert len(rows_of(content(download(mine, export)))) == 3


def test_control_without_one_transaction_pieces_of_no_file_stay(mine, ask):
    ask(mine, DE)
    killed(THERE, apart=True)
    assert ExportPiece.objects.exists()
    assert Export.objects.get().ready_at is None
