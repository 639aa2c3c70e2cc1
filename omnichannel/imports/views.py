"""Tools > Imports: what came in, what was wrong with it, and a file of one's own (PRODUCT §8)."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.cells import grouped, stamp_html
from omnichannel.web.details import DetailPage, Fact, Section, one
from omnichannel.web.export import csv_response
from omnichannel.web.lists import ListPage
from omnichannel.web.pages import KitPage
from omnichannel.web.permissions import VIEW_TOOLS
from omnichannel.web.shell import Item

from . import actions
from .filters import ImportFilters
from .forms import FileForm
from .kinds import Kind, kinds, label_of
from .models import Import
from .tables import TONES, ChunkTable, ImportTable, ProblemTable

TOOLS = gettext_lazy("Tools")
UP = (TOOLS, (gettext_lazy("Imports"), "imports:list"))
NEW = Item(gettext_lazy("Import a file"), "imports:new", "upload", VIEW_TOOLS)
ERRORS_SHOWN = 200


def kinds_of(user: Any) -> list[Kind]:
    """Those that the user may bring in."""
    return [kind for kind in kinds().values() if kind.may_be_brought_by(user)]


class ImportList(ListPage):
    title = gettext_lazy("Imports")
    crumbs = (TOOLS,)
    permission_required = VIEW_TOOLS
    table, filterset = ImportTable, ImportFilters
    empty_text = gettext_lazy("Files that were uploaded here or sent over the API appear here.")

    def extra_context(self) -> dict[str, Any]:
        may_make = kinds_of(self.request.user)
        return {"makers": [(NEW, reverse(NEW.view_name))] if may_make else []}


class ImportDetail(DetailPage):
    crumbs = UP
    permission_required = VIEW_TOOLS
    http_method_names = ["get", "head", "options", "post"]
    template_name = "imports/detail.html"

    def get_object(self) -> Import:
        seen = Import.objects.visible_to(self.request.user)
        return one(seen.select_related("owner", "job"), uuid=self.kwargs["uuid"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        if request.GET.get("errors") != "csv":
            return super().get(request, **kwargs)
        found = self.get_object()
        columns = tuple(ProblemTable.base_columns)
        return csv_response(ProblemTable, found.wrong(), columns, f"import-errors-{found.uuid}")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write what the dry run has checked, or end what has not ended."""
        found = self.get_object()
        if not self.may_act(found):
            raise PermissionDenied
        try:
            with transaction.atomic(durable=True):
                self.act(found, request.POST.get("act", ""))
        except ActionError as refused:
            messages.error(request, str(refused))
        return redirect("imports:detail", found.uuid)

    def act(self, found: Import, name: str) -> None:
        if name == "write":
            actions.write(pk=found.pk, by=self.request.user)
        elif name == "end":
            reason = _("Ended by %s.") % self.request.user.get_username()
            actions.set_fail(pk=found.pk, reason=reason)
        else:
            raise ActionError(_("There is no such act here."))

    def may_act(self, found: Import) -> bool:
        """Whoever may bring in all of it; of what is no kind any more, nobody."""
        known = kinds()
        return all(
            entity in known and known[entity].may_be_brought_by(self.request.user)
            for entity in found.entities
        )

    def facts(self, found: Any) -> Iterable[Fact]:
        yield Fact(_("Contents"), ", ".join(label_of(entity) for entity in found.entities))
        for entity in found.entities:
            yield from chosen(entity, found.options)
        yield Fact(_("Rows"), grouped(found.rows))
        yield Fact(_("New"), grouped(found.created))
        yield Fact(_("Changed"), grouped(found.updated))
        yield Fact(_("Errors"), grouped(found.errors))
        yield Fact(_("Origin"), found.get_origin_display(), found.provider)
        # What stands behind the question mark is often a key.
        yield Fact(_("Fetched from"), found.transformed_uri.partition("?")[0])
        yield Fact(_("Started by"), found.owner.username if found.owner else "")
        yield Fact(_("Received"), stamp_html(found.received_at, "UTC"))
        yield Fact(_("Completed"), stamp_html(found.completed_at, "UTC"))

    def sections(self, found: Any) -> Iterable[Section]:
        problems = found.wrong()
        if problems.exists():
            address = f"{reverse('imports:detail', args=[found.uuid])}?errors=csv"
            report = (_("Download as CSV"), address)
            yield Section(_("Errors"), ProblemTable, problems, limit=ERRORS_SHOWN, link=report)
        if found.strange().exists():
            title = _("Warnings")
            yield Section(title, ProblemTable, found.strange(), limit=ERRORS_SHOWN)
        if found.origin == Import.Origin.API:
            chunks = found.chunks.order_by("id")
            yield Section(_("Chunks"), ChunkTable, chunks, empty=_("No chunk was written yet."))

    def extra_context(self, found: Any) -> dict[str, Any]:
        is_running = found.is_open and found.job is not None and found.job.is_open
        may_act = self.may_act(found)
        is_checked = found.is_rehearsal and found.state == Import.State.FINISHED
        told = {
            "import": found,
            "tone": TONES[found.state],
            "is_running": is_running,
            "stuck": found.job.error if found.is_open and found.job and not is_running else "",
            "may_write": may_act and is_checked and not found.errors,
            "may_end": may_act and found.is_open,
            "written": found.created + found.updated,
            "ignored": sorted(found.ignored.items()),
            "kept": min(found.errors, found.wrong().count()) if found.errors else 0,
        }
        return {"lead_html": render_to_string("imports/state.html", told, self.request)}


def chosen(entity: str, options: dict[str, str]) -> Iterator[Fact]:
    """What was chosen beside the file, by the labels of the form."""
    kind = kinds().get(entity)
    for name, option in (kind.options if kind else {}).items():
        yield Fact(option.field().label, options.get(name, ""))


class NewImport(KitPage):
    """Choose a file: it is checked first, and written when one says so."""

    title = NEW.label
    crumbs = UP
    permission_required = VIEW_TOOLS
    http_method_names = ["get", "head", "options", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.kinds = kinds_of(request.user)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, kind: str = "") -> HttpResponse:
        if not kind:
            if not self.kinds:
                raise PermissionDenied
            return redirect("imports:new", self.kinds[0].name)
        return self.show(FileForm(self.chosen(kind)))

    def post(self, request: HttpRequest, kind: str = "") -> HttpResponse:
        form = FileForm(self.chosen(kind), request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, 400)
        told: dict[str, Any] = {
            "entity": form.kind.name,
            "options": form.options(),
            "by": request.user,
        }
        file, address = form.cleaned_data["file"], form.cleaned_data["address"]
        with transaction.atomic(durable=True):
            if file:
                import_ = actions.upload(name=file.name, stream=file, **told)
            else:
                import_ = actions.fetch(address=address, **told)
        return redirect("imports:detail", import_.uuid)

    def chosen(self, name: str) -> Kind:
        known = kinds()
        if name not in known:
            raise Http404
        if not known[name].may_be_brought_by(self.request.user):
            raise PermissionDenied
        return known[name]

    def show(self, form: FileForm, status: int = 200) -> HttpResponse:
        columns = [form_.columns for form_ in form.kind.formats.values() if form_.columns]
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "form": form,
            "optional": "",
            "kinds": self.kinds,
            "kind": form.kind,
            "columns": columns[0] if columns else (),
        }
        return render(self.request, "imports/form.html", context, status=status)
