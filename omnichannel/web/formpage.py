"""A page with one form and the act it asks for; who may only look sees it closed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from .pages import KitPage
from .shell import may


class FormPage(KitPage):
    """`act` runs in a transaction of its own; what it refuses is told over the form.

    `permission_required` opens the page, `edit_permission` the form; `back` is a URL name.
    """

    form_class: type[forms.Form]
    edit_permission: str | tuple[str, ...] = ""
    verb: str | Promise = ""
    lead: str | Promise = ""
    back = ""
    template_name = "kit/form.html"
    http_method_names = ["get", "head", "options", "post"]

    def initial(self) -> dict[str, Any]:
        return {}

    def act(self, values: dict[str, Any]) -> str:
        """Do what was asked; what to tell about it.

        Raises:
            ActionError: why not, in words.
        """
        raise NotImplementedError

    def get_title(self) -> str:
        return str(self.title)

    def form(self, data: Any = None) -> forms.Form:
        return self.form_class(data, initial=self.initial())

    @property
    def is_open(self) -> bool:
        return may(self.request.user, self.edit_permission or self.permission_required)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not self.is_open:
            raise PermissionDenied
        if not form.is_valid():
            return self.show(form, 400)
        try:
            with transaction.atomic(durable=True):
                said = self.act(form.cleaned_data)
        except ActionError as refused:
            form.add_error(None, str(refused))
            return self.show(form, 409)
        messages.success(request, said)
        return redirect(self.back)

    def show(self, form: forms.Form, status: int = 200) -> HttpResponse:
        if not self.is_open:
            for field in form.fields.values():
                field.disabled = True
        context = {
            "title": self.get_title(),
            "crumbs": self.trail(),
            "lead": self.lead,
            "form": form,
            "optional": _("optional"),
            "verb": self.verb if self.is_open else "",
            "back": reverse(self.back),
        }
        return render(self.request, self.template_name, context, status=status)
