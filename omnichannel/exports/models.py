"""What is kept of an export: what was asked, by whom, and for a week its file."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from omnichannel.jobs.models import Job
from omnichannel.web.permissions import VIEW_TOOLS


class State(models.TextChoices):
    """The job's own states, and what becomes of its file."""

    QUEUED = Job.State.QUEUED, _("Waiting")
    RUNNING = Job.State.RUNNING, _("Running")
    READY = "READY", _("Ready")
    EXPIRED = "EXPIRED", _("Expired")
    FAILED = Job.State.FAILED, _("Failed")
    CANCELLED = Job.State.CANCELLED, _("Cancelled")


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: Any) -> "ExportQuerySet":
        """His own; whoever may view tools sees that others exported, but never their files."""
        return self if user.has_perm(VIEW_TOOLS) else self.filter(owner=user.pk)

    def with_state(self) -> "ExportQuerySet":
        return self.annotate(state=state_now())


def state_now() -> Case:
    """A file is gone from its expiry on, whether or not it was swept."""
    return Case(
        When(Q(expires_at__lte=Now()), then=Value(State.EXPIRED)),
        When(ready_at__isnull=False, then=Value(State.READY)),
        # Its job was forgotten before it came to an end.
        default=Coalesce(F("job__state"), Value(State.FAILED)),
        output_field=CharField(),
    )


class Export(models.Model):
    """One file that is made of a list.

    `address` is the list's path with its filters and columns, as the owner saw them; `told` are
    the filters in words. `grants` is what the owner might see when the file was made: with less
    than that he is not given it any more (RELIABILITY rule 29).
    """

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("XLSX")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    address = models.TextField(_("address"))
    title = models.CharField(_("list"), max_length=200)
    told = models.JSONField(_("filters"), default=list)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    name = models.CharField(_("file name"), max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    grants = models.JSONField(default=dict)
    rows = models.BigIntegerField(_("rows"), null=True)
    size = models.BigIntegerField(_("bytes"), null=True)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("job")
    )
    requested_at = models.DateTimeField(_("requested"), db_default=Now())
    ready_at = models.DateTimeField(_("ready"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        default_permissions = ()
        indexes = [
            models.Index(fields=["requested_at", "id"], name="export_by_requested"),
            models.Index(fields=["owner", "-id"], name="export_by_owner"),
        ]

    def __str__(self) -> str:
        return self.title


class ExportPiece(models.Model):
    """A megabyte of the file: whichever host built it, any host hands it out."""

    of = models.ForeignKey(Export, models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an export's file")
        verbose_name_plural = _("parts of exports' files")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="export_piece_once")]

    def __str__(self) -> str:
        return f"{self.of_id}/{self.number}"
