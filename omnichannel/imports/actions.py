"""What can be said to an import: receive, start, check, write, fail (CONTRACT §4.3)."""

from datetime import timedelta
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job

from . import fetching, pieces
from .archive import ZIP, suffix_of
from .kinds import Kind, kinds_of
from .models import Import, ImportPiece

TASK = "imports.run"
MOST_OPEN = 20
OPEN_LOCK = 7_406_013
KEPT = timedelta(days=30)
# A file is large, and what was checked longer ago is better checked again.
FILES_KEPT = timedelta(days=1)
# A client that died between the two calls must not close the door for the others.
UNSTARTED = timedelta(days=1)
State = Import.State


class TooManyOpen(ActionError):
    """More imports are open than may be; `seconds` says when to ask again."""

    seconds = 60


class WrongState(ActionError):
    """The import is not in a state in which this can be done."""


# ------------------------------------------------------------ over the API
def receive(*, entities: list[str], owner: Any, **fields: Any) -> Import:
    """Take note of an import over the API; its file comes with `start`.

    Raises:
        TooManyOpen: MOST_OPEN in all, or as many of one kind as it allows.
        ActionError: an entity that is not imported here.
    """
    if not entities:
        raise ActionError(_("Say what is to be imported: entities is empty."))
    kinds = kinds_of(entities)
    if strange := [kind.name for kind in kinds if not kind.is_of_the_contract]:
        raise ActionError(_("%s is imported from the browser only.") % ", ".join(strange))
    refuse_too_many(kinds)
    return Import.objects.create(
        origin=Import.Origin.API, entities=list(dict.fromkeys(entities)), owner=owner, **fields
    )


def refuse_too_many(kinds: list[Kind]) -> None:
    with connection.cursor() as cursor:
        # Two that count at the same moment would both find room.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OPEN_LOCK])
    end_abandoned()
    open_ = Import.objects.open().filter(origin=Import.Origin.API)
    if open_.count() >= MOST_OPEN:
        raise TooManyOpen(_("%d imports are open; wait until one has ended.") % MOST_OPEN)
    for kind in kinds:
        most = kind.most_open
        if most is not None and open_.filter(entities__contains=[kind.name]).count() >= most:
            told = {"most": most, "kind": kind.name}
            raise TooManyOpen(
                _("%(most)d imports of %(kind)s are open; wait until one has ended.") % told
            )


def start(*, pk: int, transformed_uri: str, by: Any) -> Import:
    """Begin with the ZIP at an address; two starts at once have one winner.

    Raises:
        WrongState: it was started before.
        ActionError: an address where no file may be fetched, or of no ZIP.
    """
    fetching.check_address(transformed_uri)
    if suffix_of(file_name(transformed_uri)) != ZIP:
        raise ActionError(_("The address must lead to a .zip file."))
    received = Import.objects.filter(pk=pk, state=State.RECEIVED)
    if not received.update(state=State.WAITING, transformed_uri=transformed_uri):
        raise WrongState(_("This import was started before, or has ended."))
    return queue(pk, by, "api")


# ------------------------------------------------------------ from the browser
def upload(
    *, entity: str, name: str, stream: IO[bytes], options: dict[str, str], by: Any
) -> Import:
    """Keep a file from somebody's own machine and check it; nothing is written yet."""
    import_ = rehearsal(entity, name, options, by)
    pieces.keep(import_, stream)
    return queue(import_.pk, by, "check")


def fetch(*, entity: str, address: str, options: dict[str, str], by: Any) -> Import:
    """Fetch a file and check it; nothing is written yet.

    Raises:
        ActionError: an address where no file may be fetched.
    """
    fetching.check_address(address)
    import_ = rehearsal(entity, file_name(address), options, by, transformed_uri=address)
    return queue(import_.pk, by, "check")


def rehearsal(entity: str, name: str, options: dict[str, str], by: Any, **more: Any) -> Import:
    return Import.objects.create(
        origin=Import.Origin.BROWSER,
        entities=[entity],
        name=name[-256:],
        options=options,
        owner=by,
        is_rehearsal=True,
        state=State.WAITING,
        **more,
    )


def file_name(address: str) -> str:
    return PurePosixPath(unquote(urlsplit(address).path)).name


def write(*, pk: int, by: Any) -> Import:
    """Write what a dry run without errors has checked; two at once have one winner.

    Raises:
        WrongState: it was written, had errors, or its file is kept no longer.
    """
    checked = Import.objects.filter(pk=pk, is_rehearsal=True, state=State.FINISHED, errors=0)
    again = {"state": State.WAITING, "is_rehearsal": False, "created": 0, "updated": 0, "done": 0}
    if not checked.update(**again, completed_at=None):
        raise WrongState(_("Only a file that was checked without an error can be imported, once."))
    if not ImportPiece.objects.filter(of=pk).exists():
        raise WrongState(_("The file is kept for a day only; choose it again."))
    return queue(pk, by, "write")


# ------------------------------------------------------------ both
def queue(pk: int, by: Any, step: str) -> Import:
    import_ = Import.objects.get(pk=pk)
    label = _("Check of %s") if step == "check" else _("Import of %s")
    key = f"{import_.uuid} {step}"
    import_.job = jobs.start(TASK, params={"import": pk}, owner=by, key=key, label=label % import_)
    import_.save(update_fields=["job"])
    return import_


def set_fail(*, pk: int, reason: str) -> Import:
    """End an open import as failed; what its chunks wrote stays.

    Raises:
        WrongState: it has ended.
    """
    import_ = Import.objects.select_for_update().get(pk=pk)
    if not import_.is_open:
        raise WrongState(_("This import has ended."))
    import_.state, import_.reason, import_.completed_at = State.FAILED, reason, Now()
    import_.save(update_fields=["state", "reason", "completed_at"])
    if import_.job and import_.job.is_open:
        jobs.cancel(pk=import_.job.pk)
    import_.refresh_from_db()
    return import_


def end_abandoned() -> None:
    """Imports whose job ended without them, or that nobody ever started, are open no longer."""
    gone = Q(job__state=Job.State.CANCELLED) | Q(job__state=Job.State.FAILED)
    for import_ in Import.objects.open().filter(gone).select_related("job"):
        assert import_.job
        cause = import_.job.error or _("It was cancelled.")
        end(Import.objects.filter(pk=import_.pk), cause)
    forgotten = Import.objects.filter(state=State.RECEIVED, received_at__lt=Now() - UNSTARTED)
    end(forgotten, _("It was not started within a day."))


def end(imports: Any, reason: str) -> None:
    imports.open().update(state=State.FAILED, reason=reason, completed_at=Now())


def forget_the_past() -> None:
    """Ended imports are kept for 30 days (CONTRACT §4.3), their files for a day."""
    end_abandoned()
    ended = Import.objects.exclude(state__in=Import.OPEN)
    ImportPiece.objects.filter(of__in=ended.filter(completed_at__lt=Now() - FILES_KEPT)).delete()
    ended.filter(received_at__lt=Now() - KEPT).delete()
