import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from omnichannel.accounts.models import User

from . import permissions

LONGEST_NAME, LONGEST_WORDS = 80, 4_000


class Access(models.Model):
    """Holds the permissions of the shell; it has no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = permissions.NAMES


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """His own, those of his roles, and those of everybody (UI §7.6)."""
        if isinstance(user, AnonymousUser):
            return self.none()
        shared = models.Q(audience=SavedView.Audience.EVERYONE)
        shared |= models.Q(audience=SavedView.Audience.GROUP, group__in=user.groups.all())
        return self.filter(models.Q(owner=user) | shared)


class SavedView(models.Model):
    """Filters, sort, columns and density of one list page under a name; never a position.

    `page` is the URL name of the list, `words` the query string of its address.
    """

    class Audience(models.TextChoices):
        PRIVATE = "PRIVATE", _("Only me")
        GROUP = "GROUP", _("A role of mine")
        EVERYONE = "EVERYONE", _("Everyone")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    page = models.CharField(max_length=100, db_collation="C")
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    words = models.TextField(blank=True, max_length=LONGEST_WORDS)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", db_index=False
    )
    audience = models.CharField(
        _("who sees it"), max_length=8, choices=Audience, default=Audience.PRIVATE
    )
    group = models.ForeignKey(
        Group, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("role")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        default_permissions = ()
        indexes = [models.Index(fields=["page", "name"], name="saved_view_by_page")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"], name="view_once_per_name_and_owner"
            ),
            models.CheckConstraint(
                condition=models.Q(audience="GROUP", group__isnull=False)
                | (~models.Q(audience="GROUP") & models.Q(group__isnull=True)),
                name="view_of_a_group_names_it",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ListChoice(models.Model):
    """What one person chose for one list page: its columns, and the view it opens with."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    page = models.CharField(max_length=100, db_collation="C")
    columns = models.CharField(max_length=1_000, blank=True)
    view = models.ForeignKey(SavedView, models.SET_NULL, related_name="choices", null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "page"], name="choice_once_per_user_and_page")
        ]

    def __str__(self) -> str:
        return self.page


class RoleChoice(models.Model):
    """The view with which a list page opens for a role, unless its members chose otherwise."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=100, db_collation="C")
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="role_choices")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["group", "page"], name="choice_once_per_role_and_page")
        ]

    def __str__(self) -> str:
        return self.page
