"""From a list to a file: in a temporary file first, then kept in one transaction with its facts."""

import tempfile
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.jobs.progress import Progress
from omnichannel.web import export as csv
from omnichannel.web import workbook
from omnichannel.web.lists import ListPage
from omnichannel.web.source import source_of

from .actions import FILES_KEPT
from .asking import open_list
from .grants import grants_of
from .models import Export, ExportPiece

PIECE = 1_000_000
# Above it nobody opens the file; rows are counted as far as progress needs them.
MOST_BYTES = 500_000_000
MOST_COUNTED = 2_000_000


def build(pk: int, progress: Progress) -> Export:
    """Make the file of an export, unless an earlier run has made it.

    Raises:
        ActionError: the owner may not see the list any more, or the file would be too large.
        Cancelled, LeaseLost: see `Progress`.
    """
    export = Export.objects.select_related("owner").get(pk=pk)
    if export.ready_at is not None:
        return export
    # Before the first row is read: what is taken away meanwhile is missed at the download.
    grants = grants_of(export.owner)
    page, rows = opened(export)
    with tempfile.TemporaryFile() as file:
        number = write(page, rows, export.format, file, progress)
        size = file.tell()
        file.seek(0)
        with progress.transaction():
            ExportPiece.objects.filter(of=export).delete()
            keep(export, file)
            Export.objects.filter(pk=pk).update(
                rows=number,
                size=size,
                grants=grants,
                ready_at=Now(),
                expires_at=Now() + FILES_KEPT,
            )
    return export


def opened(export: Export) -> tuple[ListPage, QuerySet]:
    """The list as its owner sees it now, and the rows that its address means."""
    if not export.owner.is_active:
        raise ActionError(_("Its owner may not sign in any more."))
    try:
        page = open_list(export.owner, export.address)
        rows = page.read()
    except (PermissionDenied, Http404) as gone:
        raise ActionError(_("Its owner may not see this list any more.")) from gone
    if not page.can_export():
        raise ActionError(_("Set at least one filter to export this list."))
    return page, rows


def write(page: ListPage, rows: QuerySet, format: str, file: IO[bytes], progress: Progress) -> int:
    """The rows into the file; how many there were. Memory holds a block of them."""
    # In a transaction, so that progress is told through a connection of its own.
    with transaction.atomic(), page.reading():
        total = source_of(page.table, rows).count(MOST_COUNTED + 1)
        known = None if total > MOST_COUNTED else total

        def tell(done: int) -> None:
            if file.tell() > MOST_BYTES:
                told = MOST_BYTES // 1_000_000
                raise ActionError(_("The file would have more than %d MB. Filter more.") % told)
            progress.tell(done, known)

        sql, params = page.statement(rows)
        if format == Export.Format.CSV:
            return csv.write(sql, params, file, tell)
        try:
            return workbook.write(sql, params, file, tell)
        except workbook.TooManyRows as error:
            raise ActionError(str(error)) from error


def keep(export: Export, file: IO[bytes]) -> None:
    """At least one piece, so that an empty file is a file too."""
    number, data = 1, file.read(PIECE)
    while data or number == 1:
        ExportPiece.objects.create(of=export, number=number, data=data)
        number, data = number + 1, file.read(PIECE)
