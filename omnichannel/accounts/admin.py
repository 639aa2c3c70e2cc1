"""Users and roles. Nobody gives away, or takes over, what he does not hold himself."""

from typing import Any

from allauth.mfa.models import Authenticator
from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import permissions
from .adapter import claimed_username, require_recent_sign_in
from .models import Role, User
from .presets import named, roles
from .site import GatedAdmin

admin.site.unregister(Group)


def held_by(rows: models.QuerySet[Permission]) -> set[str]:
    return set(named(rows).values_list("full_name", flat=True))  # type: ignore[misc]


def grantable(user: Any) -> models.QuerySet[Permission]:
    """The permissions that `user` may give to others: his own, and for a superuser all."""
    rows = named(Permission.objects.all())
    return rows if user.is_superuser else rows.filter(full_name__in=user.get_all_permissions())


def exceeds(user: User, by: Any) -> bool:
    """Whether `user` holds anything that `by` does not, whether or not he is active now."""
    if by.is_superuser:
        return False
    everything = User.Scope.ALL_STORES
    wider = any(
        getattr(user, scope) == everything != getattr(by, scope)
        for scope in ("stock_scope", "document_scope")
    )
    if user.is_superuser or wider:
        return True
    rows = Permission.objects.filter(models.Q(group__user=user) | models.Q(user=user))
    return not held_by(rows) <= by.get_all_permissions()


class PeopleAdmin(GatedAdmin):
    """Management of users asks who one is once more when the sign-in is old (rule 27)."""

    edit_permission = permissions.MANAGE_USERS_AND_ROLES

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.may_edit(request):
            require_recent_sign_in(request)
        return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.may_edit(request):
            require_recent_sign_in(request)
        return super().delete_view(request, *args, **kwargs)


class UserAdmin(PeopleAdmin, auth_admin.UserAdmin):
    """Registered by `locations.admin`, which knows the locations a user is given."""

    # Transactions name their user for ever: who leaves is made inactive.
    deletable = False
    fieldsets = (
        (None, {"fields": ("username", "password", "kind", "associate_id")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
        (_("May sign in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Roles"), {"fields": ("groups",)}),
        (_("Reach"), {"fields": ("stock_scope", "document_scope")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("username", "last_login", "date_joined")
    list_display = (
        "username",
        "full_name",
        "kind",
        "role_names",
        "stock_scope",
        "document_scope",
        "is_active",
        "is_staff",
        "last_login",
    )
    list_filter = ("is_active", "is_staff", "kind", "groups", "stock_scope", "document_scope")
    search_fields = ("username", "first_name", "last_name", "email", "associate_id")
    filter_horizontal = ()
    ordering = ("username", "pk")
    actions = ("unlock_sign_in", "remove_second_factor")

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all()))

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """A field that is not among them is not in the form, so that no request can set it."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [
            (name, {**options, "fields": [f for f in options["fields"] if f != "is_superuser"]})
            for name, options in fieldsets
        ]

    def exceeds(self, user: User, by: Any) -> bool:
        return exceeds(user, by)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit(request) and (obj is None or not self.exceeds(obj, request.user))

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "groups":
            beyond = Permission.objects.exclude(pk__in=grantable(request.user).values("pk"))
            kwargs["queryset"] = Group.objects.exclude(permissions__in=beyond).order_by("name")
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["label"] = _("Roles")
            kwargs["help_text"] = _("Rights of several roles add up.")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_choice_field(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name in {"stock_scope", "document_scope"}:
            by: Any = request.user
            if not by.is_superuser and getattr(by, db_field.name) != User.Scope.ALL_STORES:
                own = User.Scope.OWN_STORES
                kwargs["choices"] = [(own.value, own.label)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change and not request.user.is_superuser:
            by: Any = request.user
            obj.stock_scope = by.stock_scope
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_recent_sign_in(request)
        return super().user_change_password(request, *args, **kwargs)

    def _within_reach(self, request: HttpRequest, users: models.QuerySet[User]) -> list[User]:
        require_recent_sign_in(request)
        return [user for user in users if self.has_change_permission(request, user)]

    @admin.action(description=_("Unlock sign-in"), permissions=["change"])
    def unlock_sign_in(self, request: HttpRequest, users: models.QuerySet[User]) -> None:
        chosen = self._within_reach(request, users)
        for user in chosen:
            reset(username=claimed_username(request, {"username": user.username}))
        text = ngettext("%d user may try again.", "%d users may try again.", len(chosen))
        self.message_user(request, text % len(chosen), messages.SUCCESS)

    @admin.action(description=_("Remove second factor"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, users: models.QuerySet[User]) -> None:
        chosen = self._within_reach(request, users)
        Authenticator.objects.filter(user__in=chosen).delete()
        text = ngettext(
            "%d user signs in with the password alone until the second factor is set up again.",
            "%d users sign in with the password alone until the second factor is set up again.",
            len(chosen),
        )
        self.message_user(request, text % len(chosen), messages.SUCCESS)


class PermissionChoice(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Permission) -> str:
        return str(_(obj.name))


@admin.register(Role)
class RoleAdmin(PeopleAdmin):
    fields = ("name", "permissions")
    list_display = ("name", "users")
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Role]:
        return super().get_queryset(request).annotate(user_count=models.Count("user"))

    @admin.display(description=_("users"), ordering="user_count")
    def users(self, role: Role) -> int:
        return role.user_count  # type: ignore[attr-defined]

    def _is_own_to_change(self, request: HttpRequest, role: Role | None) -> bool:
        if role is None or not self.may_edit(request):
            return self.may_edit(request)
        if role.name == roles.ADMIN:
            return False
        by = request.user
        return by.is_superuser or held_by(role.permissions.all()) <= by.get_all_permissions()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_own_to_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_own_to_change(request, obj)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> Any:
        offered = models.Q(full_name__in=roles.GRANTABLE)
        if role := request.resolver_match and request.resolver_match.kwargs.get("object_id"):
            # What the role holds beside them stays offered, or saving would take it away.
            offered |= models.Q(pk__in=Permission.objects.filter(group__pk=role).values("pk"))
        rows = grantable(request.user).filter(offered).select_related("content_type")
        kwargs["queryset"] = rows.order_by("content_type__app_label", "name")
        kwargs["form_class"] = PermissionChoice
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)
