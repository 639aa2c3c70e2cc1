"""One import from its bytes to its end; what the job of an import runs.

Killed anywhere it begins again: the bytes are kept, the temporary table is filled anew, and a chunk
whose row exists was written with it (DESIGN §5 Jobs).
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.catalog.models import Pricebook
from omnichannel.documents import ActionError
from omnichannel.jobs.lease import Cancelled
from omnichannel.jobs.progress import Progress

from . import applying, archive, fetching, pieces, reading
from .archive import Source
from .records import Import, ImportChunk, ImportProblem
from .rows import BadFile, Item, Problem
from .staging import KINDS, Staged, stage

# The contract: a chunk with so many bad items fails as a whole.
TOO_MANY_BAD = 50
HEAD_TEXTS = ("pricebook", "currency", "catalog", "shop", "locale")
State = Import.State
CSV_COLUMNS = {
    "products": (
        "product_id", "variant_group_id", "sku", "title", "variation_color_value",
        "variation_size_value", "is_active",
    ),
    "prices": ("product_id", "value"),
}  # fmt: skip


class Ended(Exception):
    """Somebody set the import to failed meanwhile."""


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
            for source in sources(import_, file):
                take(import_, source, progress)
    except BadFile as bad:
        settle(import_, State.FAILED, str(bad))
        raise
    except Cancelled:
        settle(import_, State.FAILED, _("It was cancelled."))
        raise
    except Ended:
        return {}
    finally:
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
        import_.ignored = {}
        if not import_.chunks.exists():
            import_.created = import_.updated = 0
        import_.save()
    return import_


def bring(import_: Import, file: Path, progress: Progress) -> None:
    """The bytes into `file`: those kept, or else those of the address, which are kept then."""
    if not import_.pieces.exists():
        fetching.fetch(import_.transformed_uri, file)
        with progress.transaction(), file.open("rb") as fetched:
            pieces.keep(import_, fetched)
    pieces.write(import_, file)


def sources(import_: Import, file: Path) -> list[Source]:
    known = [entity for entity in import_.entities if entity in KINDS]
    name = import_.name or "file"
    if import_.origin == Import.Origin.API or name.lower().endswith(".zip"):
        return archive.sources(file, known)
    return [archive.plain(file, entity, name) for entity in known]


def take(import_: Import, source: Source, progress: Progress) -> None:
    """One file of the import: read, compare, write."""
    kind = KINDS[source.entity]
    is_csv = source.name.lower().endswith(".csv")
    values = values_of(import_, source, {} if is_csv else reading.head_of(source))
    with progress.transaction():
        staged = stage(kind, items_of(source, is_csv), progress)
    remember(import_, source.entity, staged)
    if import_.is_rehearsal:
        rehearse(import_, source, kind, values, staged, progress)
    elif import_.origin == Import.Origin.BROWSER:
        write_all(import_, source, kind, values, staged, progress)
    else:
        write_chunks(import_, source, kind, values, staged, progress)
    if import_.full and not import_.is_rehearsal:
        clean(import_, source, kind, values, staged, progress)


def items_of(source: Source, is_csv: bool) -> Iterator[Item]:
    if not is_csv:
        return reading.json_items(source)
    prefix = "identifier_" if source.entity == "products" else ""
    return reading.csv_items(source, CSV_COLUMNS[source.entity], prefix=prefix)


def values_of(import_: Import, source: Source, head: Any) -> dict[str, Any]:
    """What the statements need beside the rows.

    Raises:
        BadFile: the head is not as it must be, or names no pricebook of ours.
    """
    for name in HEAD_TEXTS:
        if not isinstance(head.get(name, ""), str | None):
            raise BadFile(
                _("%(file)s: head.%(name)s is no text.") % {"file": source.name, "name": name}
            )
    if source.entity != "prices":
        return {}
    told = head.get("pricebook") or import_.pricebook
    book = Pricebook.objects.filter(name=told).first() if is_storable(told) else None
    if book is None:
        known = ", ".join(Pricebook.objects.order_by("name").values_list("name", flat=True)[:10])
        raise BadFile(
            _(
                "There is no pricebook “%(name)s”; there is %(known)s. Add it in the administration first."
            )
            % {"name": told[:64].replace("\0", ""), "known": known or "–"}
        )
    currency = head.get("currency") or book.currency
    if currency != book.currency:
        raise BadFile(
            _("The file is in %(file)s, but pricebook “%(name)s” is in %(book)s.")
            % {"file": currency[:16], "name": book.name, "book": book.currency}
        )
    return {"pricebook": book.pk}


def is_storable(text: str) -> bool:
    return len(text) <= 64 and "\0" not in text and text.isprintable()


def remember(import_: Import, entity: str, staged: Staged) -> None:
    """What is known once the file was read, seen while it is written."""
    rows = [problem_of(import_, entity, problem) for problem in staged.problems]
    with transaction.atomic():
        ImportProblem.objects.bulk_create(rows, batch_size=1_000)
        import_.rows += sum(staged.rows.values())
        import_.errors += sum(staged.bad.values())
        for name, count in staged.ignored.most_common(50):
            import_.ignored[name] = import_.ignored.get(name, 0) + count
        import_.save(update_fields=["rows", "errors", "ignored"])


def problem_of(import_: Import, entity: str, problem: Problem) -> ImportProblem:
    row, entity_id, cause, fix = problem
    return ImportProblem(
        of=import_, entity_type=entity, row=row, entity_id=entity_id, cause=cause, fix=fix
    )


# ------------------------------------------------------------ the three ways to write
def write_chunks(
    import_: Import,
    source: Source,
    kind: ModuleType,
    values: dict,
    staged: Staged,
    progress: Progress,
) -> None:
    """Each chunk is one transaction with its row; one with too many bad items is left out."""
    offset = import_.done
    for number in staged.chunks:
        with progress.transaction():
            refuse_ended(import_)
            write_chunk(import_, source.entity, kind, values, staged, number, offset)
        progress.tell(import_.done, import_.rows)


def write_chunk(
    import_: Import,
    entity: str,
    kind: ModuleType,
    values: dict,
    staged: Staged,
    number: int,
    offset: int,
) -> None:
    """Nothing, where the chunk's row says that it was written before."""
    key = {"of": import_, "entity": entity, "number": offset + number}
    if ImportChunk.objects.filter(**key).exists():
        return count(import_, applying.Effect(0, 0, 0), staged.rows[number])
    bad = staged.bad[number]
    effect, failure = applying.Effect(0, 0, 0), ""
    if bad >= TOO_MANY_BAD:
        failure = _("%(bad)d of %(rows)d rows are wrong; from %(most)d on none is written.") % {
            "bad": bad, "rows": staged.rows[number], "most": TOO_MANY_BAD
        }  # fmt: skip
    else:
        applying.take_turn(entity)
        effect = applying.write(kind, number, number, values)
    ImportChunk.objects.create(
        **key,
        size=staged.rows[number],
        written=effect.written,
        failed=bool(failure),
        failure_message=failure,
    )
    count(import_, effect, staged.rows[number])


def write_all(
    import_: Import,
    source: Source,
    kind: ModuleType,
    values: dict,
    staged: Staged,
    progress: Progress,
) -> None:
    """The whole file in one transaction, and nothing of it where one row is wrong."""
    if staged.bad:
        raise BadFile(nothing_written(sum(staged.bad.values())))
    key = {"of": import_, "entity": source.entity, "number": 1}
    with progress.transaction():
        refuse_ended(import_)
        if ImportChunk.objects.filter(**key).exists():
            return
        applying.take_turn(source.entity)
        written = 0
        for number in staged.chunks:
            effect = applying.write(kind, number, number, values)
            written += effect.written
            count(import_, effect, staged.rows[number])
            progress.tell(import_.done, import_.rows)
        ImportChunk.objects.create(**key, size=import_.rows, written=written)


def rehearse(
    import_: Import,
    source: Source,
    kind: ModuleType,
    values: dict,
    staged: Staged,
    progress: Progress,
) -> None:
    """Count what would be written."""
    for number in staged.chunks:
        with progress.transaction():
            count(import_, applying.compare(kind, number, number, values), staged.rows[number])
        progress.tell(import_.done, import_.rows)


def nothing_written(bad: int) -> str:
    return (
        ngettext(
            "%d row is wrong, so nothing was written.",
            "%d rows are wrong, so nothing was written.",
            bad,
        )
        % bad
    )


def count(import_: Import, effect: applying.Effect, rows: int) -> None:
    """Add to what the import has done, in this transaction."""
    import_.done += rows
    Import.objects.filter(pk=import_.pk).update(
        created=F("created") + effect.created,
        updated=F("updated") + effect.updated,
        done=import_.done,
    )


def clean(
    import_: Import,
    source: Source,
    kind: ModuleType,
    values: dict,
    staged: Staged,
    progress: Progress,
) -> None:
    """A full file tells what there is: the rest goes; not while a row of it is wrong."""
    if staged.bad:
        return
    with progress.transaction():
        refuse_ended(import_)
        applying.take_turn(source.entity)
        Import.objects.filter(pk=import_.pk).update(state=State.CLEANING)
        applying.clean(kind, values)


# ------------------------------------------------------------ the end
def refuse_ended(import_: Import) -> None:
    """Raises Ended where somebody failed the import; nobody can before this transaction ends."""
    now = Import.objects.select_for_update().values_list("state", flat=True).get(pk=import_.pk)
    if now not in Import.OPEN:
        raise Ended


def conclude(import_: Import) -> None:
    import_.refresh_from_db()
    failed = import_.chunks.filter(failed=True).count()
    if import_.errors and (import_.is_rehearsal or failed == import_.chunks.count()):
        reason = summary(import_)
        settle(import_, State.FAILED, reason)
    elif import_.errors:
        settle(import_, State.PARTIALLY_FAILED, summary(import_))
    else:
        settle(import_, State.FINISHED, "")


def settle(import_: Import, state: str, reason: str) -> None:
    """The end of an open import; the file is kept for a rehearsal, which may become earnest."""
    with transaction.atomic():
        now = Import.objects.filter(pk=import_.pk, state__in=Import.OPEN)
        now.update(state=state, reason=reason, completed_at=Now())
        if state != State.FAILED and not import_.is_rehearsal:
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


def drop_tables() -> None:
    """What was staged is of no use to the next job of this process."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged, diff")
