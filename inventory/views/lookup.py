"""Look up: scan or type a code on the shop floor (PRODUCT §2, UI §6)."""

import time
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.catalog import barcodes
from omnichannel.catalog.models import Product
from omnichannel.catalog.scanning import LONGEST, products_of_code
from omnichannel.locations.at_store import AtStore
from omnichannel.locations.models import FulfillmentLocation, own_locations
from omnichannel.web.pages import KitPage

from .. import permissions, queries

MAY_LOOK_UP = (permissions.VIEW_INVENTORY, permissions.VIEW_INVENTORY_MANAGEMENT)
# A frame every 400 ms is 150 a minute; counted by each web process for itself.
FRAMES_A_MINUTE = 240


class LookUp(AtStore, KitPage):
    """One code, one answer: price, on hand here and elsewhere, and when it was last touched."""

    title = gettext_lazy("Look up")
    permission_required = MAY_LOOK_UP
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request.GET.get("code", "").strip())

    def post(self, request: HttpRequest) -> HttpResponse:
        """A photograph, from a browser without scripts or without a camera of its own."""
        photo = request.FILES.get("photo")
        if isinstance(photo, list) or photo is None or not photo.size:
            return self.show("", _("Take a picture of the barcode first."), 400)
        if is_too_often(request):
            return self.show("", too_often(), 429)
        if photo.size > barcodes.MOST_BYTES_OF_PHOTO:
            return self.show("", too_large(), 413)
        try:
            code = barcodes.decode_photo(photo.read())
        except barcodes.TooLarge:
            return self.show("", too_large(), 413)
        except barcodes.NotAnImage:
            return self.show("", not_an_image(), 400)
        if not code:
            return self.show("", _("No barcode was found in the picture."))
        return redirect(f"{reverse('inventory:lookup')}?{urlencode({'code': code})}")

    def show(self, code: str, fault: str = "", status: int = 200) -> HttpResponse:
        stores = self.stores()
        here = self.here(stores)
        found = self.find(code)
        context = {
            "title": self.title,
            "code": code,
            "fault": fault,
            "stores": stores,
            "here": here,
            "found": found,
            "longest": LONGEST,
            "may_open": self.request.user.has_perm(permissions.VIEW_INVENTORY_MANAGEMENT),
            **(self.facts(found[0], here) if len(found) == 1 else {}),
        }
        return self.answer("inventory/lookup.html", context, status)

    def find(self, code: str) -> list[Product]:
        """The products of the code; of several the one that was chosen, if it is one of them."""
        found = products_of_code(code)
        chosen = self.request.GET.get("product", "")
        return [product for product in found if product.product_id == chosen] or found

    def stores(self) -> list[FulfillmentLocation]:
        """Where the user may stand: his own stores, or all that he sees if he was given none."""
        user: Any = self.request.user
        seen: QuerySet = FulfillmentLocation.objects.visible_to(user).order_by("name_key", "pk")
        seen = seen.filter(kind=FulfillmentLocation.Kind.STORE).select_related("pricebook")
        return list(seen.filter(pk__in=own_locations(user))) or list(seen)

    def facts(self, product: Product, here: FulfillmentLocation | None) -> dict[str, Any]:
        rows = queries.stock_per_store(product, self.request.user)
        priced = here and product.prices.filter(pricebook=here.pricebook_id).first()
        return {
            "product": product,
            "stock": next((row for row in rows if here and row.location_id == here.pk), None),
            "others": [row for row in rows if not here or row.location_id != here.pk],
            "price": priced.value if priced else None,
            "currency": here.pricebook.currency if here and here.pricebook else "",
        }


class Decode(KitPage):
    """A camera's frame in, `{"code": text}` out; an empty text while no code is in sight."""

    permission_required = MAY_LOOK_UP
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> JsonResponse:
        if is_too_often(request):
            answer = refusal("too_many_requests", too_often(), 429)
            answer["Retry-After"] = "60"
            return answer
        # Before the body is read at all.
        if length(request) > barcodes.MOST_BYTES:
            return refusal("too_large", too_large(), 413)
        try:
            return JsonResponse({"code": barcodes.decode_frame(request.body)})
        except barcodes.TooLarge:
            return refusal("too_large", too_large(), 413)
        except barcodes.NotAnImage:
            return refusal("not_an_image", not_an_image(), 400)


def length(request: HttpRequest) -> int:
    """What the client says its body has; nothing is read beyond that."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0


def refusal(code: str, text: str, status: int) -> JsonResponse:
    return JsonResponse({"error_code": code, "message": text}, status=status)


def is_too_often(request: HttpRequest) -> bool:
    minute = int(time.time() // 60)
    key = f"frames:{request.session.session_key}:{minute}"
    cache.add(key, 0, timeout=120)
    return cache.incr(key) > FRAMES_A_MINUTE


def too_often() -> str:
    return _("Too many pictures in one minute; wait a moment.")


def too_large() -> str:
    return _("The picture is too large.")


def not_an_image() -> str:
    return _("This is no JPEG, PNG or WebP picture.")
