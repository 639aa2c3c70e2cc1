from django.db.models import CharField, F, Func, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from omnichannel.web.columns import Choice, Code, Number, Stamp, Status, Text, YesNo
from omnichannel.web.tables import Table

from .models import Import, ImportChunk, ImportProblem

IMPORTS = "/tools/imports/"
State = Import.State
TONES: dict[str, str] = {
    State.RECEIVED: "",
    State.WAITING: "info",
    State.PROCESSING: "info",
    State.CLEANING: "info",
    State.FINISHED: "ok",
    State.FAILED: "bad",
    State.PARTIALLY_FAILED: "warn",
}


class ImportTable(Table):
    file = Text("title", _("Name"), link=(IMPORTS, "uuid"), sort=False, css="c-name")
    contents = Text("contents", _("Contents"), sort=False)
    state = Status("state", _("State"), choices=State, tones=TONES, sort=False)
    rehearsal = YesNo("is_rehearsal", _("Dry Run"), sort=False)
    done = Number("done", _("Done"), sort=False)
    rows = Number("rows", _("Rows"), sort=False)
    created = Number("created", _("New"), sort=False)
    updated = Number("updated", _("Changed"), sort=False)
    errors = Number("errors", _("Errors"), sort=False)
    origin = Choice("origin", _("Origin"), choices=Import.Origin, sort=False, wide=True)
    owner = Code("owner__username", _("Started By"), sort=False, wide=True)
    received = Stamp("received_at", _("Received"), zone="zone")
    completed = Stamp("completed_at", _("Completed"), zone="zone", sort=False, wide=True)

    model = Import
    key = ("received_at", "id")
    newest_first = True

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        """An import belongs to no store: its times are UTC."""
        text = CharField()
        contents = Func(F("entities"), Value(", "), function="array_to_string", output_field=text)
        named = Coalesce(NullIf("name", Value("")), contents)
        return rows.annotate(contents=contents, title=named, zone=Value("UTC", output_field=text))


class ProblemTable(Table):
    file = Text("file", _("File"), css="c-name")
    chunk = Number("chunk", _("Chunk"))
    row = Number("row", _("Row"))
    column = Code("column", _("Column"))
    entity = Text("entity_type", _("Contents"))
    entity_id = Code("entity_id", _("ID"))
    cause = Text("cause", _("Cause"))
    fix = Text("fix", _("What To Do"))

    model = ImportProblem
    key = ("id",)


class ChunkTable(Table):
    number = Number("number", _("Chunk"))
    file = Text("file", _("File"), css="c-name")
    size = Number("size", _("Rows"))
    written = Number("written", _("Table Rows Written"))
    failed = YesNo("failed", _("Failed"))
    failure = Text("failure_message", _("Failure"))

    model = ImportChunk
    key = ("id",)
