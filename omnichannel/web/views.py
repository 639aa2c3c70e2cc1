"""Pages that belong to no domain: the start page and the style guide."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .samples import samples
from .shell import menus


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first page that the user may see; who may see none is told so in a friendly way."""
    for menu in menus(request):
        return redirect(menu.links[0].url)
    return render(request, "kit/nothing.html")


@require_safe
@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    if "toasts" in request.GET:
        messages.success(request, _("The count was created."))
        messages.warning(request, _("Two stores were left out."))
        messages.error(request, _("The file could not be read."))
    return render(request, "kit/styleguide.html", {"samples": samples()})
