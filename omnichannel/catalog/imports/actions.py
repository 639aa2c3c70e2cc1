"""What can be said to an import: receive, start, check, write, fail (CONTRACT §4.3)."""

from datetime import timedelta
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
from .records import Import

TASK = "catalog.import"
MOST_OPEN = 20
MOST_OPEN_PRODUCTS = 10
OPEN_LOCK = 7_406_013
KEPT = timedelta(days=30)
# A client that died between the two calls must not close the door for the others.
UNSTARTED = timedelta(days=1)
State = Import.State
ACCEPTED = ("products", "prices", "categories")


class TooManyOpen(ActionError):
    """More imports are open than may be; `seconds` says when to ask again."""

    seconds = 60


class WrongState(ActionError):
    """The import is not in a state in which this can be done."""


def receive(*, entities: list[str], owner: Any, **fields: Any) -> Import:
    """Take note of an import over the API; its file comes with `start`.

    Raises:
        TooManyOpen: MOST_OPEN in all, MOST_OPEN_PRODUCTS of products.
        ActionError: an entity that is not imported here.
    """
    strange = [entity for entity in entities if entity not in ACCEPTED]
    if strange or not entities:
        raise ActionError(
            _("%(strange)s cannot be imported here; %(known)s can.")
            % {"strange": ", ".join(strange)[:200] or "–", "known": ", ".join(ACCEPTED)}
        )
    refuse_too_many(entities)
    return Import.objects.create(
        origin=Import.Origin.API, entities=list(dict.fromkeys(entities)), owner=owner, **fields
    )


def refuse_too_many(entities: list[str]) -> None:
    with connection.cursor() as cursor:
        # Two that count at the same moment would both find room.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OPEN_LOCK])
    end_abandoned()
    open_ = Import.objects.open().filter(origin=Import.Origin.API)
    if open_.count() >= MOST_OPEN:
        raise TooManyOpen(_("%d imports are open; wait until one has ended.") % MOST_OPEN)
    of_products = open_.filter(entities__contains=["products"]).count()
    if "products" in entities and of_products >= MOST_OPEN_PRODUCTS:
        raise TooManyOpen(
            _("%d imports of products are open; wait until one has ended.") % MOST_OPEN_PRODUCTS
        )


def start(*, pk: int, transformed_uri: str, by: Any) -> Import:
    """Begin with the ZIP at an address; two starts at once have one winner.

    Raises:
        WrongState: it was started before.
        ActionError: an address where no file may be fetched, or without a word of each entity.
    """
    fetching.check_address(transformed_uri)
    path = unquote(urlsplit(transformed_uri).path)
    if not path.lower().endswith(".zip"):
        raise ActionError(_("The address must lead to a .zip file."))
    received = Import.objects.filter(pk=pk, state=State.RECEIVED)
    if not received.update(state=State.WAITING, transformed_uri=transformed_uri):
        raise WrongState(_("This import was started before, or has ended."))
    return queue(pk, by, "api")


def upload(*, entity: str, name: str, stream: IO[bytes], pricebook: str, by: Any) -> Import:
    """Keep a file from the browser and check it; nothing is written yet."""
    import_ = Import.objects.create(
        origin=Import.Origin.BROWSER,
        provider="browser",
        entities=[entity],
        name=name[:256],
        pricebook=pricebook,
        owner=by,
        is_rehearsal=True,
        state=State.WAITING,
    )
    pieces.keep(import_, stream)
    return queue(import_.pk, by, "check")


def write(*, pk: int, by: Any) -> Import:
    """Write what a dry run without errors has checked; two at once have one winner.

    Raises:
        WrongState
    """
    checked = Import.objects.filter(pk=pk, is_rehearsal=True, state=State.FINISHED, errors=0)
    again = {"state": State.WAITING, "is_rehearsal": False, "created": 0, "updated": 0, "done": 0}
    if not checked.update(**again, completed_at=None):
        raise WrongState(_("Only a file that was checked without an error can be imported, once."))
    return queue(pk, by, "write")


def queue(pk: int, by: Any, step: str) -> Import:
    import_ = Import.objects.get(pk=pk)
    label = _("Check of %s") if step == "check" else _("Import of %s")
    key = f"{import_.uuid} {step}"
    import_.job = jobs.start(
        TASK, params={"import": pk}, owner=by, key=key, label=label % (import_.name or import_)
    )
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
    """Ended imports are kept for 30 days (CONTRACT §4.3)."""
    end_abandoned()
    Import.objects.exclude(state__in=Import.OPEN).filter(received_at__lt=Now() - KEPT).delete()
