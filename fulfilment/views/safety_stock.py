"""Safety stock out as a table, and in again (PRODUCT §9, CONTRACT §4.4)."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.permissions import MANAGE_SAFETY_STOCK, VIEW_INVENTORY_MANAGEMENT
from omnichannel.documents import ActionError
from omnichannel.web.columns import FORMULA_SAFE
from omnichannel.web.export import chunks, copied
from omnichannel.web.pages import KitPage

from .. import actions
from ..actions.safety_stock import readable
from ..availability import safety
from ..forms import SafetyStockForm
from ..imports.safety_stock import HEADER, MOST_BYTES, BadSafetyFile
from ..models import SafetyStockUpload

LEVELS = (gettext_lazy("Stock Levels"), "fulfilment:stock-levels")
FILE = "safety-stock-export.csv"
NEWEST = 5
TABLE = """
SELECT {product} AS "{0}", {location} AS "{1}", units AS "{2}"
  FROM ({told}) AS told(product, location, units)
"""


class ExportSafetyStock(KitPage):
    """What is held back, in the form in which it comes in again."""

    permission_required = (VIEW_INVENTORY_MANAGEMENT, MANAGE_SAFETY_STOCK)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user
        sql = TABLE.format(
            *HEADER,
            product=FORMULA_SAFE.format("product"),
            location=FORMULA_SAFE.format("location"),
            told=safety.TOLD,
        )
        return StreamingHttpResponse(
            chunks(copied(sql), {"locations": readable(user)}),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{FILE}"'},
        )


class ImportSafetyStock(KitPage):
    """A table is checked as a whole; what is wrong is told row by row, and nothing is written."""

    title = gettext_lazy("Import safety stock")
    crumbs = (gettext_lazy("Catalog"), LEVELS)
    permission_required = MANAGE_SAFETY_STOCK
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(SafetyStockForm(initial={"key": uuid4()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        form = SafetyStockForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=400)
        try:
            with transaction.atomic(durable=True):
                made = actions.upload_safety_stock(
                    data=form.cleaned_data["file"].read(),
                    by=user,
                    key=f"page:{user.pk}:{form.cleaned_data['key']}",
                )
        except BadSafetyFile as bad:
            return self.show(again(), problems=bad.problems, status=400)
        except ActionError as refused:
            form = again()
            return self.show(form, refusal=str(refused), status=409)
        messages.success(request, _("%s rows are being written.") % made.rows)
        return redirect("fulfilment:safety-stock")

    def show(
        self,
        form: SafetyStockForm,
        *,
        problems: Any = (),
        refusal: str = "",
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "form": form,
            "optional": "",
            "problems": problems,
            "refusal": refusal,
            "columns": HEADER,
            "most": MOST_BYTES // 1_000_000,
            "uploads": SafetyStockUpload.objects.select_related("owner")
            .defer("data")
            .order_by("-id")[:NEWEST],
        }
        return render(self.request, "fulfilment/safety_stock.html", context, status=status)


def again() -> SafetyStockForm:
    """An empty form: a file has to be chosen anew, and what comes then is another one."""
    return SafetyStockForm(initial={"key": uuid4()})
