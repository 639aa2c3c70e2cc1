"""A box in the hand: scanned, corrected, with codes that nobody knows (PRODUCT §6)."""

import re
import uuid
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from omnichannel.catalog.models import Product
from omnichannel.catalog.reads import Read, not_one_product
from omnichannel.catalog.scanning import products_of_code
from omnichannel.documents import ActionError
from omnichannel.web.scan_pages import FormAct, ScanBatches, ScanForm
from omnichannel.web.scans import LONGEST_CODE, Outcome, Scan

from .collecting import Box, Collecting
from .phone import PhonePage
from .phone_scanning import take_scans

NUMBER = re.compile(r"[0-9]{1,9}")


def totals_html(request: HttpRequest, box: Box, types: bool) -> str:
    context = {"box": box, "types": types, "key": str(uuid.uuid4())}
    return render_to_string("transfers/phone_box.html", context, request)


class BoxForm(ScanForm, PhonePage):
    """What both have: scans, one unit less, a quantity typed, and codes that nobody knows."""

    def work(self, document: Any) -> Collecting:
        raise NotImplementedError

    def types(self, document: Any) -> bool:
        """Whether quantities may be typed."""
        raise NotImplementedError

    def put(self, document: Any, product: Product, units: int) -> None:
        """So many units of it are in the box."""
        raise NotImplementedError

    def again(self, document: Any) -> HttpResponse:
        raise NotImplementedError

    def show(
        self,
        document: Any,
        *,
        fault: str = "",
        said: Outcome | None = None,
        box: Box | None = None,
        status: int = 200,
    ) -> HttpResponse:
        raise NotImplementedError

    # ------------------------------------------------------------ acts of the form
    def scan(self, document: Any, about: str) -> HttpResponse:
        asked = self.request.POST
        read = Read(
            self.key(),
            asked.get("code", "").strip()[:LONGEST_CODE],
            number_of(asked.get("quantity", "1")) or 0,
            timezone.now(),
            asked.get("product", "")[:LONGEST_CODE],
        )
        taken = take_scans(self.work(document), [read], types=self.types(document))
        return self.show(document, said=taken.outcomes[0], box=taken.box)

    def less(self, document: Any, about: str) -> HttpResponse:
        """One unit of a product back."""
        work = self.work(document)
        found = work.box().by_product.values()
        row = next((one for one in found if one.product.product_id == about), None)
        if row and row.units > 0:
            read = Read(self.key(), about[:LONGEST_CODE], -1, timezone.now(), about)
            take_scans(work, [read], types=True)
        return self.again(document)

    def set(self, document: Any, about: str) -> HttpResponse:
        """So many of a product as were typed beside it."""
        product = Product.objects.filter(product_id=about[:LONGEST_CODE]).first()
        typed = self.request.POST.get("units", "")
        units = number_of(typed)
        if product is None or units is None or units > MAX_QUANTITY:
            fault = _("“%s” is no quantity.") % typed[:20]
            return self.show(document, fault=fault, status=400)
        if not self.types(document):
            raise ActionError(_("Quantities are not typed here. Scan every unit."))
        self.put(document, product, units)
        return self.again(document)

    def settle(self, document: Any, about: str) -> HttpResponse:
        """What an unknown code is."""
        typed = self.request.POST.get("means", "").strip()
        found = products_of_code(typed)
        if len(found) != 1:
            return self.show(document, fault=not_one_product(typed), status=400)
        self.settled(document, about, found[0].pk)
        return self.again(document)

    def leave_out(self, document: Any, about: str) -> HttpResponse:
        self.settled(document, about, None)
        return self.again(document)

    def settled(self, document: Any, code: str, product_id: int | None) -> None:
        with transaction.atomic(durable=True):
            self.work(document).settle(code, product_id)

    ACTS: ClassVar[dict[str, FormAct]] = {
        "scan": scan,
        "less": less,
        "set": set,
        "settle": settle,
        "leave": leave_out,
    }

    # ------------------------------------------------------------ the page
    def shown(self, document: Any, said: Outcome | None, box: Box | None) -> dict[str, Any]:
        return {
            "box": box or self.work(document).box(),
            "said": said,
            "key": str(uuid.uuid4()),
            "longest": LONGEST_CODE,
            "types": self.types(document),
            "chosen": self.request.GET.get("product", "")[:LONGEST_CODE],
        }


class BoxScans(ScanBatches, PhonePage):
    """Batches of the phone's queue into a box."""

    http_method_names = ScanBatches.http_method_names

    def filled(self, document: Any) -> tuple[Collecting, bool]:
        """What is filled, and whether quantities may be typed."""
        raise NotImplementedError

    def take(self, document: Any, batch: list[Scan]) -> tuple[list[Outcome], str]:
        work, types = self.filled(document)
        taken = take_scans(work, [read_of(scan) for scan in batch], types=types)
        return taken.outcomes, totals_html(self.request, taken.box, types)


def read_of(scan: Scan) -> Read:
    product = scan.fields.get("product", "")[:LONGEST_CODE]
    return Read(scan.key, scan.code, scan.quantity, scan.at, product)


def number_of(text: str) -> int | None:
    """A whole number of 0 or more; None for what is none."""
    typed = text.strip()
    return int(typed) if NUMBER.fullmatch(typed) else None
