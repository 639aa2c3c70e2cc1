"""The store switcher: which store a person looks at just now (PRODUCT §2)."""

from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.sorting import sort_key
from omnichannel.web.listing import POSITION_WORDS
from omnichannel.web.lists import ListPage
from omnichannel.web.pages import KitPage
from omnichannel.web.shell import HERE, HERE_NAME

from .models import FulfillmentLocation
from .permissions import VIEW_LOCATIONS


class SwitchStore(KitPage):
    """Choose one of the stores that the person may see, or all of them again.

    Lists open with the chosen store as their filter, and Look up stands in it.
    """

    title = gettext_lazy("Choose a store")
    # Whoever sees stock or places at all; the first two by string, as their room lies above.
    permission_required = (
        "inventory.view_inventory_management",
        "inventory.view_inventory",
        VIEW_LOCATIONS,
    )
    http_method_names = ["get", "head", "options", "post"]

    def stores(self) -> QuerySet:
        seen = FulfillmentLocation.objects.visible_to(self.request.user)
        seen = seen.filter(kind=FulfillmentLocation.Kind.STORE)
        return seen.order_by("country_code", "name_key", "pk")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request.GET.get("next", "/"))

    def post(self, request: HttpRequest) -> HttpResponse:
        back, code = request.POST.get("next", "/"), request.POST.get("store", "")
        if not code:
            for key in (HERE, HERE_NAME):
                request.session.pop(key, None)
            return redirect(address(request, back, ""))
        store = self.stores().filter(code=code).first()
        if store is None:
            fault = _("“%s” is no store that you see. Choose one of these.") % code[:60]
            return self.show(back, fault, 404)
        request.session[HERE], request.session[HERE_NAME] = store.code, store.name
        return redirect(address(request, back, store.code))

    def show(self, back: str, fault: str = "", status: int = 200) -> HttpResponse:
        countries = groupby(self.stores(), key=lambda store: store.country)
        context: dict[str, Any] = {
            "title": self.title,
            "groups": sorted(
                ((country, list(stores)) for country, stores in countries),
                key=lambda group: sort_key(group[0]),
            ),
            "next": back,
            "here": self.request.session.get(HERE, ""),
            "fault": fault,
        }
        is_swap = "HX-Request" in self.request.headers
        name = "locations/store_options.html" if is_swap else "locations/switch_store.html"
        response = render(self.request, name, context, status=status)
        patch_vary_headers(response, ["HX-Request"])
        return response


def address(request: HttpRequest, back: str, code: str) -> str:
    """Where the person was; a list that filters by store shows the chosen one from its start."""
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(back, hosts, require_https=request.is_secure()):
        return "/"
    path, _mark, query = back.partition("?")
    try:
        page: Any = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        return back
    if not (isinstance(page, type) and issubclass(page, ListPage)):
        return back
    if "store" not in page.filterset.base_filters:
        return back
    words = QueryDict(query, mutable=True)
    for word in (*POSITION_WORDS, "store"):
        words.pop(word, None)
    if code:
        words["store"] = code
    return f"{path}?{words.urlencode()}" if words else path
