"""Who was told of a document: a section for its own page (PRODUCT §10)."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from omnichannel.web.details import Section
from omnichannel.web.shell import may

from . import queries
from .permissions import VIEW_TOOLS
from .tables import EventTable, SentTable

MOST_EVENTS = 50


def events_sent(user: Any, entity_ids: Sequence[str]) -> Iterator[Section]:
    """The events about these documents with their state, the newest first; nothing without any.

    Whoever sees the document may know who was told of it; what was said is for the tools. In a
    `DetailPage`: `yield from events_sent(self.request.user, [str(found.uuid)])`.
    """
    rows = queries.events_about(entity_ids)
    if rows.exists():
        table = EventTable if may(user, VIEW_TOOLS) else SentTable
        yield Section(_("Events sent (UTC)"), table, rows, limit=MOST_EVENTS)
