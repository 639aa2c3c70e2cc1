"""One import from its bytes to its end; what the job of an import runs.

Killed anywhere it begins again: the bytes are kept, every file is staged anew, and a chunk whose
row exists was written with it (DESIGN §5 Jobs).
"""

import tempfile
from contextlib import suppress
from pathlib import Path

from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.jobs.lease import Cancelled
from omnichannel.jobs.progress import Progress

from . import archive, fetching, pieces, writing
from .applying import drop_tables
from .archive import Source
from .kinds import LEFT_OUT, Kind, kinds_of
from .models import Import
from .rows import BadFile
from .writing import Ended, Passage

State = Import.State


def run(pk: int, progress: Progress) -> dict[str, str]:
    """Do the import; what the tray tells about it.

    Raises:
        BadFile: it failed as a whole; the import says why.
    """
    import_ = begin(pk)
    try:
        with tempfile.TemporaryDirectory(prefix="import-") as folder:
            file = Path(folder) / "file"
            bring(import_, file, progress)
            take(import_, file, progress)
    except BadFile as bad:
        settle(import_, State.FAILED, str(bad))
        raise
    except Cancelled:
        settle(import_, State.FAILED, _("It was cancelled."))
        raise
    except Ended:
        return {}
    finally:
        with suppress(DatabaseError):
            drop_tables()
    conclude(import_)
    return {"text": summary(import_)}


def begin(pk: int) -> Import:
    """Also after a worker's death: what was counted is counted anew.

    Raises:
        ActionError: somebody ended it before it began.
    """
    with transaction.atomic():
        import_ = Import.objects.select_for_update().get(pk=pk)
        if not import_.is_open:
            raise ActionError(_("This import has ended; begin a new one."))
        import_.problems.filter(row__gt=0).delete()
        import_.state, import_.reason, import_.completed_at = State.PROCESSING, "", None
        import_.rows = import_.done = import_.errors = 0
        import_.ignored = {entity: 1 for entity in import_.entities if entity in LEFT_OUT}
        if not import_.chunks.exists():
            import_.created = import_.updated = 0
        import_.save()
    return import_


def bring(import_: Import, file: Path, progress: Progress) -> None:
    """The bytes into `file`: those kept, or else those of the address, which are kept then."""
    if not import_.pieces.exists():
        fetching.fetch(import_.transformed_uri, file, progress)
        with progress.transaction(), file.open("rb") as fetched:
            pieces.keep(import_, fetched)
    pieces.write(import_, file)


def take(import_: Import, file: Path, progress: Progress) -> None:
    """Every file of every kind, in order; where the import is full, a kind's end after its files."""
    before = 0
    for kind in kinds_of(import_.entities):
        passages = []
        for source in sources(import_, file, kind):
            passage = read(import_, kind, source, progress, before)
            if import_.full and not passage.staged.rows:
                raise BadFile(nothing_named(source))
            writing.note(passage)
            writing.write(passage)
            before += len(passage.staged.chunks)
            passages.append(passage)
        if import_.full:
            clean(import_, passages, progress)
        drop_tables()


def nothing_named(source: Source) -> str:
    """A full file without a row is more often an accident than the end of everything."""
    return (
        _("%s names nothing, and a full import would end all that it does not name.") % source.name
    )


def sources(import_: Import, file: Path, kind: Kind) -> list[Source]:
    is_zip = archive.suffix_of(import_.name) == archive.ZIP
    if import_.origin == Import.Origin.API or is_zip:
        return archive.sources(file, [kind.wanted])
    return [archive.plain(file, kind.wanted, import_.name)]


def read(import_: Import, kind: Kind, source: Source, progress: Progress, before: int) -> Passage:
    """
    Raises:
        BadFile
    """
    form = kind.formats[source.suffix]
    writer = kind.writer(import_, source, form.head(source))
    with progress.transaction():
        staged = writer.stage(form.items(source), progress)
        if import_.full:
            writer.remember()
    return Passage(import_, source, writer, staged, progress, before)


def clean(import_: Import, passages: list[Passage], progress: Progress) -> None:
    """Full files tell what there is: the rest goes; not while a row of them is wrong."""
    writers = {passage.writer.target: passage.writer for passage in passages}
    for passage in passages:
        if passage.staged.bad:
            writers.pop(passage.writer.target, None)
    for writer in writers.values():
        with progress.transaction():
            writing.refuse_ended(import_)
            Import.objects.filter(pk=import_.pk).update(state=State.CLEANING)
            writer.clean()


def conclude(import_: Import) -> None:
    import_.refresh_from_db()
    failed = import_.chunks.filter(failed=True).count()
    if import_.errors and (import_.is_rehearsal or failed == import_.chunks.count()):
        settle(import_, State.FAILED, summary(import_))
    elif import_.errors:
        settle(import_, State.PARTIALLY_FAILED, summary(import_))
    else:
        settle(import_, State.FINISHED, "")


def settle(import_: Import, state: str, reason: str) -> None:
    """The end of an open import; the file is kept for a dry run only, which may become earnest."""
    with transaction.atomic():
        now = Import.objects.filter(pk=import_.pk, state__in=Import.OPEN)
        now.update(state=state, reason=reason, completed_at=Now())
        if state == State.FAILED or not import_.is_rehearsal:
            import_.pieces.all().delete()
    import_.refresh_from_db()


def summary(import_: Import) -> str:
    told = {
        "rows": import_.rows,
        "created": import_.created,
        "updated": import_.updated,
        "errors": import_.errors,
    }
    return _("%(rows)d rows: %(created)d new, %(updated)d changed, %(errors)d wrong") % told
