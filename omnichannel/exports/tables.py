from django.db.models import CharField, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from omnichannel.web.columns import Choice, Code, Number, Stamp, Status, Text
from omnichannel.web.tables import Table

from .models import Export, State, state_now

EXPORTS = "/tools/exports"
TONES: dict[str, str] = {
    State.QUEUED: "",
    State.RUNNING: "info",
    State.READY: "ok",
    State.EXPIRED: "",
    State.FAILED: "bad",
    State.CANCELLED: "warn",
}


class ExportTable(Table):
    title = Text("title", _("List"), link=(EXPORTS, "uuid"), sort=False, css="c-name")
    file = Code("name", _("File"), sort=False, wide=True)
    format = Choice("format", _("Format"), choices=Export.Format, sort=False)
    state = Status("state", _("State"), choices=State, tones=TONES, sort=False)
    rows = Number("rows", _("Rows"), sort=False)
    size = Number("size", _("Bytes"), sort=False, wide=True)
    owner = Code("owner__username", _("Owner"), sort=False)
    requested = Stamp("requested_at", _("Requested"), zone="zone")
    expires = Stamp("expires_at", _("Expires"), zone="zone", sort=False)

    model = Export
    key = ("requested_at", "id")
    newest_first = True

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        """An export belongs to no store: its times are UTC."""
        zone = Value("UTC", output_field=CharField())
        return rows.annotate(state=state_now(), zone=zone)
