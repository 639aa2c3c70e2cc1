import uuid
from collections.abc import Iterator
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
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


class ApiClient(models.Model):
    """A program that signs in with a client id and a secret (CONTRACT §1).

    It acts as `user`, an integration of its own: that user's roles are its permissions and that
    user's locations are its locations. Of the secret only a digest is kept.
    """

    client_id = models.CharField(_("client ID"), max_length=128, unique=True, db_collation="C")
    secret_digest = models.CharField(max_length=64, editable=False)
    user = models.OneToOneField(
        User, models.PROTECT, related_name="api_client", verbose_name=_("acts as")
    )
    scopes = ArrayField(
        models.CharField(max_length=64),
        verbose_name=_("scopes"),
        default=list,
        blank=True,
        help_text=_("Empty means every scope: its permissions alone decide."),
    )
    token_seconds = models.PositiveIntegerField(
        _("tokens are valid for (seconds)"),
        default=86_400,
        validators=[MinValueValidator(60), MaxValueValidator(30 * 86_400)],
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        default_permissions = ()

    def __str__(self) -> str:
        return self.client_id


class AccessToken(models.Model):
    """A bearer token, as a digest; `prefix` is its beginning, by which a person recognises it.

    Where it reaches is where its user does: asked at every call, so that a change counts at once.
    """

    class Kind(models.TextChoices):
        ACCESS = "ACCESS", _("Access")
        REFRESH = "REFRESH", _("Refresh")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.ACCESS)
    prefix = models.CharField(_("begins with"), max_length=16)
    digest = models.CharField(max_length=64, unique=True, editable=False, db_collation="C")
    user = models.ForeignKey(
        User, models.CASCADE, related_name="access_tokens", verbose_name=_("user")
    )
    client = models.ForeignKey(
        ApiClient,
        models.CASCADE,
        null=True,
        related_name="access_tokens",
        verbose_name=_("API client"),
    )
    scopes = ArrayField(models.CharField(max_length=64), verbose_name=_("scopes"), default=list)
    # Of the password or secret it was given for: with another one it no longer counts.
    proof = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.prefix}…"


class AuditEvent(models.Model):
    """One change of reference data, of settings or of people, by whoever made it (CONTRACT §4.8).

    Names instead of keys: it outlives what it tells of. What was done to stock stands in the
    ledger and not here.
    """

    class Operation(models.TextChoices):
        CREATED = "CREATED", _("Created")
        UPDATED = "UPDATED", _("Updated")
        DELETED = "DELETED", _("Deleted")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), db_index=True)
    operation = models.CharField(_("operation"), max_length=7, choices=Operation)
    resource = models.CharField(_("resource"), max_length=256, db_collation="C")
    resource_id = models.CharField(_("resource ID"), max_length=256, db_collation="C")
    actor_id = models.CharField(_("user ID"), max_length=64, db_collation="C")
    actor_name = models.CharField(_("user"), max_length=256)
    actor = models.JSONField(_("signed in by"), default=dict)
    request = models.JSONField(_("request"), default=dict)
    before = models.JSONField(_("before"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        default_permissions = ()
        indexes = [
            models.Index(fields=["resource", "resource_id", "id"], name="audit_event_by_resource"),
            models.Index(fields=["actor_id", "id"], name="audit_event_by_actor"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="audit_event_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.resource} {self.resource_id}"
