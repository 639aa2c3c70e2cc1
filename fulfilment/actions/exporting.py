"""Availability in bulk: asked for, written by a worker, there for a week (CONTRACT §4.4)."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Progress

from ..availability.files import zip_array
from ..availability.telling import Seen, telling
from ..models import AvailabilityExport, AvailabilityExportPiece, AvailabilityGroup

TASK = "fulfilment.export_availability"
FILE = "availabilities.json"
KEPT = timedelta(days=7)
# Without the row of its former export a client is told everything again.
REMEMBERED = timedelta(days=90)
State = AvailabilityExport.State


class Standing(NamedTuple):
    """How an export is: its state, and why it failed."""

    state: str
    failure_reason: str


def start_export(
    *, since: int | None, by: User, group: AvailabilityGroup | None = None
) -> AvailabilityExport:
    """Ask for a file of all locations, or of a group's.

    Args:
        since: `last_updated_at` of a former export: only what it did not see. What it cannot be
            answered from, because it is unknown or covered fewer locations, is told whole.
    """
    locations = None
    if group:
        locations = list(group.members.order_by("position").values_list("location_id", flat=True))
    made = AvailabilityExport.objects.create(
        token=secrets.token_urlsafe(32),
        group_name=group.name if group else "",
        location_ids=locations,
        since=since,
        owner=by,
    )
    jobs.start(
        TASK,
        params={"export": made.pk},
        owner=by,
        key=str(made.uuid),
        label=_("Availability of %s") % (made.group_name or _("all locations")),
    )
    return made


def write_export(pk: int, progress: Progress) -> AvailabilityExport:
    """The file and what it saw, committed together; killed anywhere, it is written anew."""
    export = AvailabilityExport.objects.get(pk=pk)
    if export.state == State.FINISHED:
        return export
    AvailabilityExport.objects.filter(pk=pk).update(state=State.PROCESSING)
    with progress.transaction(), telling(export.location_ids) as snapshot:
        AvailabilityExportPiece.objects.filter(of=export).delete()
        since = usable(export, snapshot.seen)
        export.rows, export.size = zip_array(
            FILE,
            watched(snapshot.rows(since), progress),
            lambda number, data: AvailabilityExportPiece.objects.create(
                of=export, number=number, data=data
            ),
        )
        export.is_delta = since is not None
        export.snapshot, export.places, export.cluster = snapshot.seen
        export.state = State.FINISHED
        export.completed_at = timezone.now()
        export.expires_at = export.completed_at + KEPT
        export.mark = int(export.completed_at.timestamp() * 1_000_000)
        export.save()
    return export


def watched(batches: Iterable[list[str]], progress: Progress) -> Iterable[list[str]]:
    done = 0
    for batch in batches:
        yield batch
        done += len(batch)
        progress.tell(done)


def usable(export: AvailabilityExport, seen: Seen) -> Seen | None:
    """What the former export saw, if this one's rows were all in it."""
    if export.since is None:
        return None
    former = AvailabilityExport.objects.filter(mark=export.since, state=State.FINISHED).first()
    if former is None or former.cluster != seen.cluster:
        return None
    if not covers(former.location_ids, export.location_ids):
        return None
    return Seen(former.snapshot, former.places, former.cluster)


def covers(former: Sequence[int] | None, asked: Sequence[int] | None) -> bool:
    return former is None or (asked is not None and set(asked) <= set(former))


def standing_of(export: AvailabilityExport) -> Standing:
    """An export whose job has given up has failed."""
    if export.state in AvailabilityExport.OPEN:
        job = Job.objects.filter(task=TASK, key=str(export.uuid)).first()
        if job and job.state in (Job.State.FAILED, Job.State.CANCELLED):
            return Standing(State.FAILED, job.error or _("It was cancelled."))
    return Standing(export.state, export.failure_reason)


def forget_old_exports() -> int:
    """Files of more than a week are deleted; how many exports had one."""
    old = AvailabilityExport.objects.filter(expires_at__lt=Now())
    pieces = AvailabilityExportPiece.objects.filter(of__in=old)
    number = pieces.values("of").distinct().count()
    pieces.delete()
    AvailabilityExport.objects.filter(received_at__lt=Now() - REMEMBERED).delete()
    return number
