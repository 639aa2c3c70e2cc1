"""One file of an import on its way in: over the API by chunks, from the browser as a whole."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.jobs.progress import Progress

from .archive import Source
from .kinds import Writer
from .models import Import, ImportChunk, ImportProblem
from .rows import BadFile
from .staging import Effect, Staged

# The contract: a chunk with so many bad items fails as a whole.
TOO_MANY_BAD = 50
MOST_IGNORED = 50


class Ended(Exception):
    """Somebody set the import to failed meanwhile."""


@dataclass
class Passage:
    """A file that was read and is to be written; `before` counts the chunks of the files before."""

    import_: Import
    source: Source
    writer: Writer
    staged: Staged
    progress: Progress
    before: int

    def place(self, chunk: int) -> dict[str, object]:
        """What names a chunk of the import for ever."""
        return {"of": self.import_, "entity": self.source.entity, "number": self.before + chunk}


def write(passage: Passage) -> None:
    """
    Raises:
        BadFile: a row is wrong and all or nothing was asked.
        Ended
    """
    if passage.import_.is_rehearsal:
        rehearse(passage)
    elif passage.import_.origin == Import.Origin.BROWSER:
        write_all(passage)
    else:
        write_chunks(passage)


def note(passage: Passage) -> None:
    """What is known once the file was read, seen while it is written."""
    import_, staged = passage.import_, passage.staged
    problems = [
        ImportProblem(
            of=import_,
            entity_type=passage.source.entity,
            file=passage.source.name[:256],
            is_warning=is_warning,
            **{**told._asdict(), "chunk": passage.before + told.chunk},
        )
        for is_warning, found in ((False, staged.problems), (True, staged.warnings))
        for told in found
    ]
    with transaction.atomic():
        ImportProblem.objects.bulk_create(problems, batch_size=1_000)
        import_.rows += sum(staged.rows.values())
        import_.errors += sum(staged.bad.values())
        for name, number in staged.ignored.most_common(MOST_IGNORED):
            import_.ignored[name] = import_.ignored.get(name, 0) + number
        import_.save(update_fields=["rows", "errors", "ignored"])


def write_chunks(passage: Passage) -> None:
    """Each chunk is one transaction with its row; one with too many bad items is left out."""
    for chunk in passage.staged.chunks:
        with passage.progress.transaction():
            refuse_ended(passage.import_)
            write_chunk(passage, chunk)
        tell(passage)


def write_chunk(passage: Passage, chunk: int) -> None:
    """Nothing, where the chunk's row says that it was written before."""
    rows, bad = passage.staged.rows[chunk], passage.staged.bad[chunk]
    if ImportChunk.objects.filter(**passage.place(chunk)).exists():
        return count(passage, Effect(), rows)
    effect, failure = Effect(), ""
    if bad >= TOO_MANY_BAD:
        told = {"bad": bad, "rows": rows, "most": TOO_MANY_BAD}
        failure = _("%(bad)d of %(rows)d rows are wrong; from %(most)d on none is written.") % told
    else:
        effect = passage.writer.write(chunk)
    ImportChunk.objects.create(
        **passage.place(chunk),
        file=passage.source.name[:256],
        size=rows,
        written=effect.written,
        failed=bool(failure),
        failure_message=failure,
    )
    count(passage, effect, rows)


def write_all(passage: Passage) -> None:
    """The whole file in one transaction, and nothing of it where one row is wrong."""
    if passage.staged.bad:
        raise BadFile(nothing_written(sum(passage.staged.bad.values())))
    with passage.progress.transaction():
        refuse_ended(passage.import_)
        if ImportChunk.objects.filter(**passage.place(1)).exists():
            return count(passage, Effect(), sum(passage.staged.rows.values()))
        written = 0
        for chunk in passage.staged.chunks:
            effect = passage.writer.write(chunk)
            written += effect.written
            count(passage, effect, passage.staged.rows[chunk])
            tell(passage)
        ImportChunk.objects.create(
            **passage.place(1),
            file=passage.source.name[:256],
            size=sum(passage.staged.rows.values()),
            written=written,
        )


def rehearse(passage: Passage) -> None:
    """Count what would be written."""
    for chunk in passage.staged.chunks:
        with passage.progress.transaction():
            refuse_ended(passage.import_)
            count(passage, passage.writer.compare(chunk), passage.staged.rows[chunk])
        tell(passage)


def nothing_written(bad: int) -> str:
    return (
        ngettext(
            "%d row is wrong, so nothing was written.",
            "%d rows are wrong, so nothing was written.",
            bad,
        )
        % bad
    )


def count(passage: Passage, effect: Effect, rows: int) -> None:
    """Add to what the import has done, in this transaction."""
    import_ = passage.import_
    import_.done += rows
    Import.objects.filter(pk=import_.pk).update(
        created=F("created") + effect.created,
        updated=F("updated") + effect.updated,
        done=import_.done,
    )


def tell(passage: Passage) -> None:
    passage.progress.tell(passage.import_.done, passage.import_.rows)


def refuse_ended(import_: Import) -> None:
    """Raises Ended where somebody failed the import; nobody can before this transaction ends."""
    now = Import.objects.select_for_update().values_list("state", flat=True).get(pk=import_.pk)
    if now not in Import.OPEN:
        raise Ended
