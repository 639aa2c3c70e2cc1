"""What can be said to an export: begin, hand out, forget (UI §7.8)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job
from omnichannel.web.lists import ListPage

from .grants import still_holds
from .models import Export, ExportPiece

TASK = "exports.build"
# A file is large; what was exported is listed for longer.
FILES_KEPT = timedelta(days=7)
KEPT = timedelta(days=30)
MOST_OPEN = 5


class Gone(ActionError):
    """The file was there, and is no more."""


class ScopeShrank(ActionError):
    """The owner may see less than when the file was made."""


def begin(*, page: ListPage, address: str, format: str, by: Any, key: UUID) -> Export:
    """Write down an export and its job; the same key by the same person is the same export.

    `page` is the list that was read at `address`. Runs inside the caller's transaction.

    Raises:
        ActionError: it needs a filter first, MOST_OPEN of his are open, or the key is another's.
    """
    known = Export.objects.filter(uuid=key).first()
    if known is not None:
        if known.owner_id != by.pk:
            raise ActionError(_("This form was sent before. Open the page again."))
        return known
    if not page.can_export():
        raise ActionError(_("Set at least one filter to export this list."))
    refuse_too_many(by)
    export = Export.objects.create(
        uuid=key,
        address=address,
        title=page.get_title()[:200],
        told=page.filter_words(),
        format=format,
        name=f"{page.file_name()}.{format}"[-500:],
        owner=by,
    )
    label = _("Export: %s") % export.title
    export.job = jobs.start(TASK, params={"export": export.pk}, owner=by, key=str(key), label=label)
    export.save(update_fields=["job"])
    return export


def refuse_too_many(by: Any) -> None:
    # One after the other: two that count at the same moment would both find room.
    User.objects.select_for_update().get(pk=by.pk)
    if Export.objects.filter(owner=by, job__state__in=Job.OPEN).count() >= MOST_OPEN:
        raise ActionError(
            ngettext(
                "%d export of yours is under way; wait until it has ended.",
                "%d exports of yours are under way; wait until one has ended.",
                MOST_OPEN,
            )
            % MOST_OPEN
        )


def hand_out(export: Export, to: Any) -> Iterator[bytes]:
    """The pieces of the file, one in memory at a time.

    Raises:
        Gone: it has expired.
        ScopeShrank
    """
    now_there = Export.objects.filter(pk=export.pk, ready_at__isnull=False, expires_at__gt=Now())
    if not now_there.exists():
        raise Gone(_("This file is not there any more: files are kept for 7 days. Export again."))
    if not still_holds(to, export.grants):
        raise ScopeShrank(
            _("What you may see has changed since this file was made. Export the list again.")
        )
    return pieces(export)


def pieces(export: Export) -> Iterator[bytes]:
    number = 1
    stored = ExportPiece.objects.filter(of=export).values_list("data", flat=True)
    while (data := stored.filter(number=number).first()) is not None:
        yield bytes(data)
        number += 1


def forget_the_past() -> None:
    """Files after their week, exports after their month."""
    ExportPiece.objects.filter(of__expires_at__lte=Now()).delete()
    Export.objects.filter(requested_at__lt=Now() - KEPT).delete()
