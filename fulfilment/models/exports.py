"""Availability told in bulk: to whom, since when, and the file (CONTRACT §4.4)."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from omnichannel.locations.models import FulfillmentLocation


class AvailabilityGroup(models.Model):
    """Locations that are exported together, as one sales channel sells from them."""

    AUDITED_AS = ("availability_group", "name")

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=256, unique=True, db_collation="C")

    class Meta:
        verbose_name = _("availability group")
        verbose_name_plural = _("availability groups")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class AvailabilityGroupMember(models.Model):
    """A location of a group, in the order in which they were named."""

    group = models.ForeignKey(
        AvailabilityGroup, models.CASCADE, related_name="members", db_index=False
    )
    position = models.PositiveIntegerField()
    location = models.ForeignKey(FulfillmentLocation, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("member of an availability group")
        verbose_name_plural = _("members of availability groups")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["group", "position"], name="group_member_in_order"),
            models.UniqueConstraint(fields=["group", "location"], name="group_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.position}"


class AvailabilityExport(models.Model):
    """One file of availabilities. `mark` is the contract's `last_updated_at`.

    It rises, and is drawn from the clock, so that a database that was set back to an earlier day
    never gives one twice; what it stands for is this row.

    `snapshot`, `places` and `cluster` say exactly what the file saw: PostgreSQL's snapshot of its
    one statement, what decided for each whole location (switched on, safety stock), and the
    database installation in which transaction ids mean anything. A later export that names this
    one tells what the snapshot did not see, no less and no more.
    """

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        PROCESSING = "PROCESSING", _("Processing")
        FAILED = "FAILED", _("Failed")
        FINISHED = "FINISHED", _("Finished")

    OPEN = (State.RECEIVED, State.PROCESSING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Half of the file's address: whoever has it may read the file while it is there.
    token = models.CharField(max_length=64, unique=True, db_collation="C", editable=False)
    group_name = models.CharField(_("group"), max_length=256, blank=True)
    # Primary keys of the locations when it was asked for; empty: all, those that come later too.
    location_ids = ArrayField(models.IntegerField(), null=True)
    mark = models.BigIntegerField(null=True, unique=True, editable=False)
    since = models.BigIntegerField(_("since"), null=True)
    is_delta = models.BooleanField(_("changes only"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    failure_reason = models.TextField(_("failure"), blank=True)
    snapshot = models.TextField(blank=True, editable=False)
    places = models.JSONField(default=dict, editable=False)
    cluster = models.CharField(max_length=64, blank=True, editable=False)
    rows = models.BigIntegerField(_("rows"), default=0)
    size = models.BigIntegerField(_("bytes"), default=0)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    received_at = models.DateTimeField(_("received"), db_default=Now())
    completed_at = models.DateTimeField(_("completed"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)

    class Meta:
        verbose_name = _("availability export")
        verbose_name_plural = _("availability exports")
        default_permissions = ()
        indexes = [models.Index(fields=["received_at"], name="availability_export_by_time")]

    def __str__(self) -> str:
        return str(self.uuid)


class AvailabilityExportPiece(models.Model):
    """A part of the file: any web server finds it."""

    of = models.ForeignKey(
        AvailabilityExport, models.CASCADE, related_name="pieces", db_index=False
    )
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an availability export")
        verbose_name_plural = _("parts of availability exports")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["of", "number"], name="availability_export_piece_once")
        ]

    def __str__(self) -> str:
        return f"{self.of_id}/{self.number}"


class SafetyStockUpload(models.Model):
    """A file of safety stock on its way in; one at a time (CONTRACT §4.4)."""

    class State(models.TextChoices):
        IN_PROGRESS = "IN_PROGRESS", _("In progress")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)
    state = models.CharField(_("state"), max_length=11, choices=State, default=State.IN_PROGRESS)
    data = models.BinaryField(default=b"")
    rows = models.PositiveIntegerField(_("rows"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    failure_reason = models.TextField(_("failure"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    received_at = models.DateTimeField(_("received"), db_default=Now())
    completed_at = models.DateTimeField(_("completed"), null=True)

    class Meta:
        verbose_name = _("safety stock upload")
        verbose_name_plural = _("safety stock uploads")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="IN_PROGRESS"),
                name="one_safety_stock_upload",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)
