"""The description of the API, for programs and for people. It holds nobody's data."""

from collections.abc import Callable
from functools import lru_cache, partial

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from ninja import NinjaAPI


def description(api: NinjaAPI) -> Callable[[HttpRequest], HttpResponse]:
    """OpenAPI 3.1 of every operation, made once per process."""
    made = lru_cache(maxsize=1)(partial(api.get_openapi_schema, path_prefix=""))

    @require_GET
    def answer(request: HttpRequest) -> HttpResponse:
        return JsonResponse(made())

    answer.open_to_machines = True  # type: ignore[attr-defined]
    return answer


# The library writes style attributes and small pictures into the page; no other page may.
@csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]})
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation, to read and to try with a token of one's own."""
    return render(request, "api/docs.html")
