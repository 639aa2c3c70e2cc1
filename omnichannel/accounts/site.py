"""The admin site: reference data, users and roles, behind the one login page."""

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from . import audit


class ManagerSite(admin.AdminSite):
    site_header = _("Omnichannel Manager")
    site_title = _("Omnichannel Manager")
    index_title = _("Administration")
    site_url = "/"
    # Secrets of the second factor, and addresses that nothing here writes to.
    hidden_apps = frozenset({"account", "mfa"})

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # It would gather every movement of what it deletes; each admin deletes one at a time.
        self.disable_action("delete_selected")

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[admin.ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        one = isinstance(model_or_iterable, type)
        asked: Iterable[Any] = [model_or_iterable] if one else model_or_iterable
        shown = [model for model in asked if model._meta.app_label not in self.hidden_apps]
        super().register(shown, admin_class, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A stranger is sent to the login page, a user who is not staff is told no."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if self.has_permission(request):
                return inner(request, *args, **kwargs)
            if request.user.is_authenticated:
                raise PermissionDenied
            return redirect_to_login(request.get_full_path())

        return update_wrapper(guarded, inner)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The admin has no login page of its own, so none escapes lock-out and second factor."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        target = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
            target = reverse("admin:index", current_app=self.name)
        if request.user.is_authenticated:
            return redirect(target)
        return redirect_to_login(target)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("account_change_password")


def is_in_use(row: models.Model) -> bool:
    """Whether any row of any table points at it; asked before a delete is offered."""
    relations: Iterable[Any] = row._meta.get_fields(include_hidden=True)
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: row}).exists()
        for relation in relations
        if relation.auto_created and not relation.concrete and relation.related_model._meta.managed
    )


class AuditedAdmin(admin.ModelAdmin):
    """What is changed here is told among the audit events, values and all (CONTRACT §4.8)."""

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        request.audited = audit.changes(form, formsets or ())  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _before, after = getattr(request, "audited", ({}, {}))
        audit.record(request, audit.CREATED, obj, None, after)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        before, after = getattr(request, "audited", (None, None))
        audit.record(request, audit.UPDATED, obj, before, after)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            audit.record(request, audit.DELETED, obj)
        return super().log_deletions(request, queryset)


class ReferenceAdmin(AuditedAdmin):
    """Reference data: scoped like every page, and deleted only while nothing points at it."""

    deletable = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request)
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """As on every page: what is not there, or not for this user, is 404 (PRODUCT §3)."""
        raise Http404

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        if not self.deletable or not super().has_delete_permission(request, obj):
            return False
        return obj is None or not is_in_use(obj)


class GatedAdmin(ReferenceAdmin):
    """Asks for the product's own permissions (PRODUCT §11), not for Django's four per model."""

    view_permissions: tuple[str, ...] = ()
    edit_permission = ""

    def may_edit(self, request: HttpRequest) -> bool:
        return bool(self.edit_permission) and request.user.has_perm(self.edit_permission)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_edit(request) or any(
            request.user.has_perm(name) for name in self.view_permissions
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_edit(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        unused = self.deletable and (obj is None or not is_in_use(obj))
        return unused and self.may_edit(request)


class ReadOnlyAdmin(GatedAdmin):
    """Shown, never written: documents, movements and proofs have one writer, the ledger."""

    deletable = False
