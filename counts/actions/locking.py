"""The document first (DESIGN §4): its row alone to move it on, shared to work under it."""

from django.db import connection
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError, TransitionNotAllowed

from ..models import Count

Status = Count.Status


def locked(pk: int, *, shared: bool = False) -> Count:
    """The count as it is now, which stays so until the transaction ends."""
    sql = "SELECT FROM counts_count WHERE id = %s FOR " + ("SHARE" if shared else "NO KEY UPDATE")
    with connection.cursor() as cursor:
        cursor.execute(sql, [pk])
    return Count.objects.select_related("location", "stock_location").get(pk=pk)


def in_progress(pk: int, *, shared: bool = False) -> Count:
    """The locked count, if it can be worked on.

    Raises:
        TransitionNotAllowed: it has not begun, or has ended.
        ActionError: it is being completed.
    """
    count = locked(pk, shared=shared)
    if count.is_full and count.status == Status.PENDING:
        raise TransitionNotAllowed(
            _("Full Count Not Active: %s has to be activated first.") % count
        )
    if count.status != Status.IN_PROGRESS:
        raise TransitionNotAllowed(
            _("%(count)s is %(status)s, so nothing can be counted or decided in it.")
            % {"count": count, "status": count.get_status_display()}
        )
    refuse_completing(count)
    return count


def refuse_completing(count: Count) -> None:
    if count.completion_requested_at:
        raise ActionError(_("%s is being completed just now. Wait for its end.") % count)
