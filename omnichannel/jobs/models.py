"""Every long work is a row: what is asked, how far it is, who holds it (DESIGN §5 Jobs)."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

VIEW_TOOLS = "web.view_tools"


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> "JobQuerySet":
        """Whoever may view tools sees everybody's jobs, others their own."""
        return self if user.has_perm(VIEW_TOOLS) else self.filter(owner=user.pk)

    def open(self) -> "JobQuerySet":
        return self.filter(state__in=Job.OPEN)


class Job(models.Model):
    """One long work. `lease` counts its claims: only the newest holder may write (fencing).

    `done` of `total` is its progress in units of the task; `total` is empty until it is known.
    `result` may hold `text`, `open` and `download`: words, and addresses of this site.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")
        CANCELLED = "CANCELLED", _("Cancelled")

    OPEN = (State.QUEUED, State.RUNNING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    task = models.CharField(_("task"), max_length=64, db_collation="C")
    key = models.CharField(_("key"), max_length=200, db_collation="C")
    params = models.JSONField(_("parameters"), default=dict)
    label = models.CharField(_("label"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="jobs",
        db_index=False,
        verbose_name=_("owner"),
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    done = models.BigIntegerField(_("done"), default=0)
    total = models.BigIntegerField(_("total"), null=True)
    result = models.JSONField(_("result"), default=dict)
    error = models.TextField(_("error"), blank=True)
    lease = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), db_default=Now())
    is_cancel_asked = models.BooleanField(_("cancellation asked"), default=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [models.UniqueConstraint(fields=["task", "key"], name="job_once_per_key")]
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_by_owner"),
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state__in=("QUEUED", "RUNNING")),
                name="job_open",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def download(self) -> str:
        """Where the file is that the job made."""
        return self.address("download")

    @property
    def page(self) -> str:
        """Where one sees what came of it."""
        return self.address("open")

    def address(self, name: str) -> str:
        found = self.result.get(name, "")
        return found if found.startswith("/") and not found.startswith("//") else ""
