"""Tools > Exports: files of lists that are made in the background (PRODUCT §2, UI §7.8)."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web import workbook
from omnichannel.web.cells import grouped, stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, one
from omnichannel.web.listing import count_rows
from omnichannel.web.lists import ListPage, told
from omnichannel.web.pages import KitPage

from . import actions
from .asking import open_list
from .filters import ExportFilters
from .forms import ExportForm
from .models import Export, State
from .permissions import SEEING
from .tables import TONES, ExportTable

TOOLS = gettext_lazy("Tools")
UP = (TOOLS, (gettext_lazy("Exports"), "exports:list"))
TYPES = {Export.Format.CSV: "text/csv; charset=utf-8", Export.Format.XLSX: workbook.TYPE}


class ExportList(ListPage):
    title = gettext_lazy("Exports")
    crumbs = (TOOLS,)
    permission_required = SEEING
    table, filterset = ExportTable, ExportFilters
    empty_text = gettext_lazy(
        "Files that lists make in the background appear here: choose In the background on a list."
    )


class NewExport(KitPage):
    """What the list at `?list=` would export, and the button that begins with it."""

    title = gettext_lazy("Export in the background")
    crumbs = UP
    permission_required = SEEING
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        address = request.GET.get("list", "")
        return self.show(ExportForm(initial={"list": address, "key": uuid4()}), address)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ExportForm(request.POST)
        address = request.POST.get("list", "")
        if not form.is_valid():
            return self.show(form, address, 400)
        page = open_list(request.user, address)
        page.read()
        try:
            with transaction.atomic(durable=True):
                export = actions.begin(
                    page=page,
                    address=form.address_of(page),
                    format=form.cleaned_data["format"],
                    by=request.user,
                    key=form.cleaned_data["key"],
                )
        except ActionError as refused:
            form.add_error(None, str(refused))
            return self.show(form, address, 409)
        return redirect("exports:detail", export.uuid)

    def show(self, form: ExportForm, address: str, status: int = 200) -> HttpResponse:
        page = open_list(self.request.user, address)
        rows = page.read()
        with page.reading():
            total = told(count_rows(page.table, rows))
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "form": form,
            "optional": "",
            "list": page.get_title(),
            "words": page.filter_words(),
            "rows": total["rows"],
            "can_export": page.can_export(),
            "back": address,
        }
        return render(self.request, "exports/new.html", context, status=status)


class ExportDetail(DetailPage):
    crumbs = UP
    permission_required = SEEING
    template_name = "exports/detail.html"

    def get_object(self) -> Export:
        seen = Export.objects.visible_to(self.request.user).with_state()
        return one(seen.select_related("owner", "job"), uuid=self.kwargs["uuid"])

    def facts(self, found: Any) -> Iterable[Fact]:
        yield Fact(_("List"), format_html('<a class="link" href="{}">{}</a>', found.address, found))
        yield Fact(_("Filters"), "; ".join(found.told) or _("None"))
        yield Fact(_("File"), found.name)
        yield Fact(_("Rows"), "" if found.rows is None else grouped(found.rows))
        yield Fact(_("Bytes"), "" if found.size is None else grouped(found.size))
        yield Fact(_("Owner"), found.owner.username)
        yield Fact(_("Requested"), stamp_html(found.requested_at, "UTC"))
        yield Fact(_("Ready"), stamp_html(found.ready_at, "UTC"))
        yield Fact(_("Expires"), stamp_html(found.expires_at, "UTC"))

    def buttons(self, found: Any) -> Iterable[Button]:
        if found.owner_id == self.request.user.pk:
            words = found.address
            yield Button(_("Show the list"), words, "list")

    def extra_context(self, found: Any) -> dict[str, Any]:
        is_mine = found.owner_id == self.request.user.pk
        context = {
            "export": found,
            "state": State(found.state).label,
            "tone": TONES[found.state],
            "is_running": found.state in (State.QUEUED, State.RUNNING),
            "is_mine": is_mine,
            "download": reverse("exports:download", args=[found.uuid])
            if is_mine and found.state == State.READY
            else "",
        }
        return {"lead_html": render_to_string("exports/state.html", context, self.request)}


class Download(KitPage):
    """The file, to its owner alone, as long as he may see what is in it."""

    permission_required = SEEING

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        found = one(Export.objects.visible_to(request.user), uuid=kwargs["uuid"])
        if found.owner_id != request.user.pk:
            raise PermissionDenied
        try:
            # Whoever may not open the list any more is given no file of it either.
            open_list(request.user, found.address)
            content = actions.hand_out(found, request.user)
        except actions.Gone as gone:
            return self.refuse(found, str(gone), 410)
        except ActionError as refused:
            return self.refuse(found, str(refused), 409)
        response = StreamingHttpResponse(content, content_type=TYPES[found.format])
        response["Content-Disposition"] = f'attachment; filename="{found.name}"'
        response["Content-Length"] = str(found.size)
        response["Cache-Control"] = "private, no-store"
        return response

    def refuse(self, found: Export, reason: str, status: int) -> HttpResponse:
        back = reverse("exports:detail", args=[found.uuid])
        context = {"title": found.title, "reason": reason, "back": back}
        return render(self.request, "kit/refused.html", context, status=status)
