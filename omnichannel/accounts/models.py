from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from . import permissions


def languages() -> list[tuple[str, Any]]:
    """The languages of this installation; a function, so that one more needs no migration."""
    return list(settings.LANGUAGES)


class User(AbstractUser):
    """A person or an integration, with how far he sees (PRODUCT §3).

    Which locations are his own says `locations.LocationAccess`; the two scopes below say
    whether he sees beyond them.
    """

    class Kind(models.TextChoices):
        PERSON = "PERSON", _("Person")
        INTEGRATION = "INTEGRATION", _("Integration")

    class Scope(models.TextChoices):
        ALL_STORES = "ALL_STORES", _("All stores")
        OWN_STORES = "OWN_STORES", _("Own stores only")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PERSON)
    associate_id = models.CharField(
        _("associate id"),
        max_length=128,
        blank=True,
        help_text=_("What events and transactions call this user; empty means the user name."),
    )
    stock_scope = models.CharField(
        _("reads stock of"), max_length=12, choices=Scope, default=Scope.ALL_STORES
    )
    document_scope = models.CharField(
        _("sees documents and acts for"), max_length=12, choices=Scope, default=Scope.OWN_STORES
    )
    language = models.CharField(
        _("language"),
        max_length=12,
        choices=languages,
        blank=True,
        default="",
        db_default="",
        help_text=_("Empty means the language of the browser."),
    )

    class Meta(AbstractUser.Meta):
        permissions = permissions.NAMES
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    @property
    def associate(self) -> str:
        return self.associate_id or self.username

    @property
    def initials(self) -> str:
        words = (self.get_full_name() or self.username).replace("-", " ").split()
        return "".join(word[0] for word in words[:2]).upper()

    def get_session_auth_hash(self) -> str:
        """What a session must still match: it ends when the password or the roles change.

        Read from the roles themselves, so that no writer of them can forget to end sessions
        (RELIABILITY rule 26).
        """
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | bytes | None = None) -> str:
        roles = sorted(self.groups.values_list("pk", flat=True))
        told = f"{self.password} {self.is_staff} {self.is_superuser} {roles}"
        return salted_hmac("accounts.session", told, secret=secret, algorithm="sha256").hexdigest()


class Role(Group):
    """A role is a group; this name of it stands beside the users in the admin."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("role")
        verbose_name_plural = _("roles")
