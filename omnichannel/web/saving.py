"""Saving, changing and choosing views, and choosing columns: the acts behind `saved.State`.

Every act names the list by `path`, which must be a list page that the person may open, and goes
back there.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from omnichannel.accounts.permissions import MANAGE_USERS_AND_ROLES

from .choosing import arranged
from .lists import ListPage
from .models import LONGEST_NAME, LONGEST_WORDS, ListChoice, RoleChoice, SavedView
from .permissions import SHARE_VIEWS
from .saved import DECLARED, kept_words, may_change, views_of
from .shell import may

MOST_VIEWS = 100
Audience = SavedView.Audience


class Place:
    """The list page that an act is about.

    Raises:
        Http404: `path` is no list page.
        PermissionDenied: the person may not open it.
    """

    def __init__(self, request: HttpRequest, path: str) -> None:
        try:
            match = resolve(path)
        except Resolver404 as unknown:
            raise Http404 from unknown
        view: Any = getattr(match.func, "view_class", None)
        if not (isinstance(view, type) and issubclass(view, ListPage)):
            raise Http404
        if not may(request.user, view.permission_required):
            raise PermissionDenied
        self.view, self.page, self.path = view, match.view_name, path

    def url(self, **words: str) -> str:
        asked = QueryDict(mutable=True)
        asked.update(words)
        return f"{self.path}?{asked.urlencode()}" if words else self.path


class ViewForm(forms.Form):
    """A view's name, who sees it, and who begins with it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)
    audience = forms.ChoiceField(
        label=gettext_lazy("Who sees it"), choices=Audience.choices, initial=Audience.PRIVATE
    )
    group = forms.ModelChoiceField(Group.objects.none(), label=gettext_lazy("Role"), required=False)
    begin = forms.BooleanField(
        label=gettext_lazy("Open this list with it"), required=False, initial=False
    )
    roles = forms.ModelMultipleChoiceField(
        Group.objects.none(), label=gettext_lazy("Roles that begin with it"), required=False
    )

    def __init__(
        self, user: Any, page: str, view: SavedView | None = None, *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.user, self.page, self.view = user, page, view
        own = Group.objects.order_by("name") if user.is_superuser else user.groups.order_by("name")
        fields: dict[str, Any] = self.fields
        fields["group"].queryset = own
        if not user.has_perm(SHARE_VIEWS):
            fields["audience"].choices = [
                choice for choice in Audience.choices if choice[0] != Audience.EVERYONE
            ]
        if user.has_perm(MANAGE_USERS_AND_ROLES):
            fields["roles"].queryset = Group.objects.order_by("name")
        else:
            del fields["roles"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        owner = self.view.owner if self.view else self.user
        taken = SavedView.objects.filter(owner=owner, page=self.page, name__iexact=name)
        if taken.exclude(pk=self.view.pk if self.view else 0).exists():
            raise forms.ValidationError(
                _("You have a view “%s” of this list already; choose another name.") % name
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("audience") == Audience.GROUP and not cleaned.get("group"):
            self.add_error("group", _("Choose the role that is to see it."))
        if cleaned.get("audience") != Audience.GROUP:
            cleaned["group"] = None
        for role in cleaned.get("roles") or ():
            if cleaned.get("audience") != Audience.EVERYONE and cleaned.get("group") != role:
                self.add_error("roles", _("The role %s would not see the view.") % role)
        return cleaned


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_view(request: HttpRequest) -> HttpResponse:
    """Save what a list shows under a name."""
    asked = request.POST if request.method == "POST" else request.GET
    place = Place(request, asked.get("path", ""))
    words = kept_words(QueryDict(asked.get("words", "")))
    form = ViewForm(request.user, place.page, None, request.POST or None)
    if "share" in request.POST:
        # Asked for more than a name: the same answers, with all the questions.
        form = ViewForm(request.user, place.page, None, initial=request.POST.dict())
    if form.is_bound and form.is_valid():
        if problem := too_much(request.user, place.page, words):
            form.add_error(None, problem)
        else:
            view = SavedView(page=place.page, owner=form.user, words=words)
            save_view(form, view)
            messages.success(request, _("The view “%s” is saved.") % view.name)
            return redirect(place.url(view=str(view.uuid)))
    return show_form(request, form, place, words)


def too_much(user: Any, page: str, words: str) -> str:
    if len(words) > LONGEST_WORDS:
        return _("These filters are too long to be saved; choose fewer values.")
    if SavedView.objects.filter(owner=user, page=page).count() >= MOST_VIEWS:
        return _("You have %d views of this list; delete one first.") % MOST_VIEWS
    return ""


def show_form(request: HttpRequest, form: ViewForm, place: Place, words: str) -> HttpResponse:
    context = {"form": form, "place": place, "words": words, "view": form.view}
    status = 400 if form.errors else 200
    return render(request, "kit/view_form.html", context, status=status)


@transaction.atomic
def save_view(form: ViewForm, view: SavedView) -> SavedView:
    cleaned = form.cleaned_data
    view.name, view.audience, view.group = cleaned["name"], cleaned["audience"], cleaned["group"]
    view.save()
    begin_with(form.user, view, is_asked=cleaned["begin"])
    if "roles" in cleaned:
        RoleChoice.objects.filter(view=view).exclude(group__in=cleaned["roles"]).delete()
        for role in cleaned["roles"]:
            RoleChoice.objects.update_or_create(group=role, page=view.page, defaults={"view": view})
    return view


def begin_with(user: Any, view: SavedView, *, is_asked: bool) -> None:
    if is_asked:
        ListChoice.objects.update_or_create(user=user, page=view.page, defaults={"view": view})
    else:
        ListChoice.objects.filter(user=user, view=view).update(view=None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_view(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Rename, share, fill anew or delete a view; beginning with it is for whoever sees it."""
    asked = request.POST if request.method == "POST" else request.GET
    place = Place(request, asked.get("path", ""))
    view = views_of(request.user, place.page).filter(uuid=uuid).first()
    if view is None:
        raise Http404
    act = request.POST.get("act", "")
    if act in {"begin", "stop"}:
        begin_with(request.user, view, is_asked=act == "begin")
        messages.success(request, begun(view, is_asked=act == "begin"))
        return redirect(place.url(view=str(view.uuid)))
    if not may_change(request.user, view):
        raise PermissionDenied
    acts = {"fill": fill_view, "delete": delete_view}
    return acts.get(act, edit_view)(request, view, place)


def begun(view: SavedView, *, is_asked: bool) -> str:
    if is_asked:
        return _("This list opens with “%s” from now on.") % view.name
    return _("This list no longer opens with “%s”.") % view.name


def fill_view(request: HttpRequest, view: SavedView, place: Place) -> HttpResponse:
    words = kept_words(QueryDict(request.POST.get("words", "")))
    if len(words) > LONGEST_WORDS:
        messages.error(request, too_much(request.user, place.page, words))
        return redirect(f"{place.path}?{words}")
    view.words = words
    view.save(update_fields=["words", "updated_at"])
    messages.success(request, _("The view “%s” is saved.") % view.name)
    return redirect(place.url(view=str(view.uuid)))


def delete_view(request: HttpRequest, view: SavedView, place: Place) -> HttpResponse:
    view.delete()
    messages.success(request, _("The view “%s” is deleted.") % view.name)
    return redirect(place.url(view=DECLARED))


def edit_view(request: HttpRequest, view: Any, place: Place) -> HttpResponse:
    roles = RoleChoice.objects.filter(view=view).values_list("group", flat=True)
    initial = {
        "name": view.name,
        "audience": view.audience,
        "group": view.group_id,
        "begin": view.is_mine,
        "roles": list(roles),
    }
    form = ViewForm(request.user, place.page, view, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        save_view(form, view)
        messages.success(request, _("The view “%s” is saved.") % view.name)
        return redirect(place.url(view=str(view.uuid)))
    return show_form(request, form, place, view.words)


@login_required
@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Show these columns, in this order: in a view as its edit, else as the person's habit."""
    place = Place(request, request.POST.get("path", ""))
    words = QueryDict(request.POST.get("words", ""), mutable=True)
    names = [] if "reset" in request.POST else request.POST.getlist("column")
    columns = arranged(place.view.table, names) if names else ""
    words.pop("cols", None)
    if words.get("of", DECLARED) != DECLARED:
        if columns or "reset" not in request.POST:
            words["cols"] = columns or DECLARED
    else:
        user: Any = request.user
        ListChoice.objects.update_or_create(
            user=user, page=place.page, defaults={"columns": columns}
        )
    return redirect(f"{place.path}?{words.urlencode()}" if words else place.path)
