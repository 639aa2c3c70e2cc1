"""Units that are held back from sale: a table of them out, and in again (CONTRACT §4.4)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Progress
from omnichannel.locations.models import FulfillmentLocation

from ..availability import safety
from ..imports.safety_stock import (
    HEADER,
    SHOWN,
    BadSafetyFile,
    Problem,
    read,
)
from ..models import SafetyStockUpload

TASK = "fulfilment.write_safety_stock"
State = SafetyStockUpload.State


class UploadRunning(ActionError):
    """One file at a time: the one before is still being written."""


class SafetyRow(NamedTuple):
    product_id: str
    location: str
    safety_stock: int


def safety_rows(user: User) -> Iterator[SafetyRow]:
    """What is held back, where the user reads stock; a blank product stands for the location."""
    with connection.cursor() as cursor:
        for row in safety.told(cursor, readable(user)):
            yield SafetyRow(*row)


def readable(user: User | AnonymousUser) -> list[int]:
    return list(FulfillmentLocation.objects.visible_to(user).values_list("pk", flat=True))


def acted_for(user: User) -> list[int]:
    return list(FulfillmentLocation.objects.acted_for_by(user).values_list("pk", flat=True))


def upload_safety_stock(*, data: bytes, by: User, key: str) -> SafetyStockUpload:
    """Check the whole file now, and let a worker write it: all of it or nothing.

    A blank product is the location's own number; a blank number gives a product back to it.

    Raises:
        BadSafetyFile: with every wrong row.
        UploadRunning: another file is being written.
    """
    known = SafetyStockUpload.objects.filter(operation_key=key).first()
    if known:
        return known
    rows = read(data)
    with connection.cursor() as cursor:
        safety.stage(cursor, rows)
        refuse_unknown(cursor, acted_for(by))
    give_up_on_the_dead()
    try:
        with transaction.atomic():
            made = SafetyStockUpload.objects.create(
                operation_key=key, data=data, rows=len(rows), owner=by
            )
    except IntegrityError as running:
        raise UploadRunning(
            _("A file of safety stock is being written. Wait for its end and send yours again.")
        ) from running
    jobs.start(
        TASK,
        params={"upload": made.pk},
        owner=by,
        key=str(made.uuid),
        label=_("Safety stock, %s rows") % len(rows),
    )
    return made


def refuse_unknown(cursor: Any, locations: Sequence[int]) -> None:
    problems = []
    for line, product, location, is_unknown_product, is_unknown_place in safety.unknown(
        cursor, locations, SHOWN
    ):
        if is_unknown_product:
            text = _("There is no product %s.") % product
            problems.append(Problem(line, HEADER[0], text))
        if is_unknown_place:
            text = _("There is no location %s for you to act in.") % location
            problems.append(Problem(line, HEADER[1], text))
    if problems:
        raise BadSafetyFile(problems)


def write_upload(pk: int, progress: Progress) -> SafetyStockUpload:
    """Write an upload once; a second run finds it done.

    Raises:
        BadSafetyFile: a product or a location has gone since.
    """
    upload = SafetyStockUpload.objects.select_related("owner").get(pk=pk)
    if upload.state != State.IN_PROGRESS:
        return upload
    with progress.transaction(), connection.cursor() as cursor:
        rows = read(bytes(upload.data))
        safety.stage(cursor, rows)
        upload.changed = safety.write(cursor)
        upload.state, upload.data, upload.completed_at = State.DONE, b"", timezone.now()
        upload.save()
    return upload


def is_running() -> bool:
    give_up_on_the_dead()
    return SafetyStockUpload.objects.filter(state=State.IN_PROGRESS).exists()


def give_up_on_the_dead() -> None:
    """An upload whose job has given up stands in nobody's way."""
    for upload in SafetyStockUpload.objects.filter(state=State.IN_PROGRESS):
        job = Job.objects.filter(task=TASK, key=str(upload.uuid)).first()
        if job and job.state in (Job.State.FAILED, Job.State.CANCELLED):
            SafetyStockUpload.objects.filter(pk=upload.pk, state=State.IN_PROGRESS).update(
                state=State.FAILED,
                data=b"",
                failure_reason=job.error,
                completed_at=timezone.now(),
            )
