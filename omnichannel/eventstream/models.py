"""The outbox and what is known of every delivery (CONTRACT §3, RELIABILITY I11 and I12)."""

from typing import Any, Self
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST_REJECTED = 30
MOST_INTEGRATIONS = 25


class IntegrationQuerySet(models.QuerySet):
    def registered(self) -> Self:
        return self.filter(deleted_at=None)

    def visible_to(self, user: Any) -> Self:
        """Whoever may open the page sees all: integrations belong to no store."""
        return self.registered()


class ForTools(models.QuerySet):
    """Rows of the stream belong to no store: whoever may open the tools sees all of them."""

    def visible_to(self, user: Any) -> Self:
        return self


class Integration(models.Model):
    """Somebody who is told: an ERP's callback, or a bucket; `name` is the contract's id."""

    class Type(models.TextChoices):
        PERMANENT = "PERMANENT", _("Permanent")
        TEMPORARY = "TEMPORARY", _("Temporary")

    class Target(models.TextChoices):
        WEBHOOK = "WEBHOOK", _("Webhook")
        S3 = "S3", _("S3")

    class Status(models.TextChoices):
        RUNNING = "RUNNING", _("Running")
        STOPPED = "STOPPED", _("Stopped")

    TRANSITIONS = {Status.RUNNING: {Status.STOPPED}, Status.STOPPED: {Status.RUNNING}}

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("Integration ID"), max_length=50, db_collation="C")
    type = models.CharField(_("type"), max_length=9, choices=Type, default=Type.PERMANENT)
    target = models.CharField(_("target"), max_length=7, choices=Target, default=Target.WEBHOOK)
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.RUNNING)
    callback_url = models.TextField(_("callback URL"), blank=True)
    sealed_api_key = models.TextField(blank=True)
    sealed_secret = models.TextField(blank=True)
    # After a rotation these sign too, until the receiver knows the new one; seals hold no blanks.
    sealed_previous_secret = models.TextField(blank=True)
    previous_secret_until = models.DateTimeField(null=True)
    sealed_aws_access_key_id = models.TextField(blank=True)
    sealed_aws_secret_access_key = models.TextField(blank=True)
    aws_region = models.CharField(max_length=64, blank=True)
    bucket = models.CharField(max_length=255, blank=True)
    key_prefix = models.CharField(max_length=64, blank=True)
    event_filter = ArrayField(models.CharField(max_length=100), default=list)
    entity_filter = ArrayField(models.CharField(max_length=100), default=list)
    starts_at = models.DateTimeField(_("from"), null=True)
    ends_at = models.DateTimeField(_("until"), null=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    # The stream waits as one: `failures` in a row of the event at its head, sent again at
    # `resume_at`. Nothing else leaves before that one is through.
    failures = models.PositiveSmallIntegerField(default=0)
    resume_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(_("last success"), null=True)
    last_failure_at = models.DateTimeField(_("last failure"), null=True)
    last_file_at = models.DateTimeField(null=True)

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(deleted_at=None),
                name="one_registered_integration_per_id",
            ),
            models.CheckConstraint(
                condition=models.Q(type="TEMPORARY", starts_at__isnull=False, ends_at__isnull=False)
                | models.Q(type="PERMANENT", ends_at__isnull=True),
                name="temporary_integrations_have_a_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One business fact, its body frozen as it is sent."""

    uuid = models.UUIDField(default=uuid4)
    name = models.CharField(_("event"), max_length=64, db_collation="C")
    entity_id = models.CharField(_("domain entity ID"), max_length=256, db_collation="C")
    published_at = models.DateTimeField(_("published"))
    body = models.TextField()

    objects = ForTools.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["published_at", "id"], name="event_by_publication"),
            models.Index(fields=["entity_id", "id"], name="event_by_entity"),
            models.Index(fields=["uuid"], name="event_by_message"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.entity_id}"


class Delivery(models.Model):
    """One event for one integration; `attempts` is raised, and `lease` taken, before a try."""

    class State(models.TextChoices):
        PENDING = "PENDING", _("Waiting")
        DELIVERED = "DELIVERED", _("Delivered")
        REJECTED = "REJECTED", _("Rejected")
        EXPIRED = "EXPIRED", _("Expired")
        CANCELLED = "CANCELLED", _("Cancelled")

    uuid = models.UUIDField(default=uuid4)
    # Without constraints: a check per row would lock the integration's row in every act that
    # publishes. The two are deleted together with their deliveries, and only by age.
    event = models.ForeignKey(
        Event, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="deliveries"
    )
    integration = models.ForeignKey(
        Integration, models.DO_NOTHING, db_constraint=False, db_index=False
    )
    state = models.CharField(_("status"), max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    # When it fell due first, and when it came to its end.
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = ForTools.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["event", "integration"], name="delivered_once_to_each")
        ]
        indexes = [
            models.Index(
                fields=["integration", "id"],
                condition=models.Q(state="PENDING"),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["integration", "id"],
                condition=models.Q(state="REJECTED"),
                name="delivery_rejected",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Attempt(models.Model):
    """One try to deliver, as the observability API tells it (CONTRACT §3.5)."""

    class Status(models.TextChoices):
        SUCCESS = "SUCCESS", _("Success")
        FAILURE = "FAILURE", _("Failure")

    delivery = models.ForeignKey(
        Delivery, models.DO_NOTHING, db_constraint=False, related_name="tries"
    )
    event = models.ForeignKey(Event, models.DO_NOTHING, db_constraint=False, db_index=False)
    integration = models.ForeignKey(
        Integration, models.DO_NOTHING, db_constraint=False, db_index=False
    )
    attempted_at = models.DateTimeField(_("attempted at"))
    status = models.CharField(_("status"), max_length=7, choices=Status)
    # 0: there was no answer; the body then says why.
    code = models.PositiveSmallIntegerField(_("answer"))
    body = models.TextField(blank=True)
    response_time_ms = models.PositiveIntegerField(_("time in ms"))
    retries_remaining = models.PositiveSmallIntegerField(_("retries remaining"))
    filename = models.TextField(blank=True)

    objects = ForTools.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [
            models.Index(fields=["attempted_at", "id"], name="attempt_by_time"),
            models.Index(fields=["integration", "attempted_at", "id"], name="attempt_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.code}"


class LogEntry(models.Model):
    """What happened to an integration, in the words of CONTRACT §3.5."""

    class Action(models.TextChoices):
        STARTED = "integration_started", _("Started")
        STOPPED = "integration_stopped", _("Stopped")
        RETRIED = "retry_triggered", _("Retry triggered")

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="log")
    action = models.CharField(_("action"), max_length=24, choices=Action)
    reason = models.TextField(_("reason"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = ForTools.as_manager()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")

    def __str__(self) -> str:
        return f"{self.action} {self.reason}"


class Received(models.Model):
    """What the demo's receiver was sent: an ERP's view of a delivery (only while it is switched on)."""

    message_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("event"), max_length=64)
    headers = models.JSONField()
    body = models.TextField()
    is_genuine = models.BooleanField()
    times = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    class Meta:
        verbose_name = _("received event")
        verbose_name_plural = _("received events")

    def __str__(self) -> str:
        return f"{self.name} {self.message_id}"
