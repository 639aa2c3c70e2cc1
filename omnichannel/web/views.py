"""Pages that belong to no domain: the start page, the look, and the style guide."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .samples import samples
from .shell import LOOKS, menus

A_YEAR = 365 * 24 * 60 * 60


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first page that the user may see; who may see none is told so in a friendly way."""
    for menu in menus(request):
        return redirect(menu.links[0].url)
    return render(request, "kit/nothing.html")


@login_required
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Remember the posted theme or density, and go back; scripts do the same in place.

    An unknown word changes nothing, and an address outside this site is not followed.
    """
    back = request.POST.get("next", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(back, hosts, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    for name, words in LOOKS.items():
        if (asked := request.POST.get(name)) in words:
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(name, asked, A_YEAR, samesite="Lax", secure=secure)
    return response


@require_safe
@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    if "toasts" in request.GET:
        messages.success(request, _("The count was created."))
        messages.warning(request, _("Two stores were left out."))
        messages.error(request, _("The file could not be read."))
    return render(request, "kit/styleguide.html", {"samples": samples()})
