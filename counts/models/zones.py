import uuid

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from inventory.models import MAX_QUANTITY, key_to
from omnichannel.catalog.models import Product

from .documents import Count, key_to_user


class CountZone(models.Model):
    """A named physical area of a full count; a cycle count has one, without a name."""

    count = models.ForeignKey(Count, models.PROTECT, related_name="zones", db_index=False)
    name = models.CharField(_("zone"), max_length=64, blank=True, db_collation="C")
    # Numbers in a name sort as numbers: Zone 9 stands before Zone 10.
    name_key = models.CharField(max_length=400, editable=False, db_collation="C")
    is_planned = models.BooleanField(_("planned"), default=True)
    precounted = models.PositiveIntegerField(_("counted before"), null=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["count", "name"], name="zone_once_per_count")
        ]
        indexes = [models.Index(fields=["count", "name_key", "id"], name="zone_by_name")]

    def __str__(self) -> str:
        return self.name


class ZoneSession(models.Model):
    """One pass of one associate through a zone, or through one product in it.

    Of the completed sessions of a zone the newest counts; a session of one product takes that
    product's place only. Times are the device's, corrected (DESIGN §6).
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Counting")
        COMPLETED = "COMPLETED", _("Completed")
        DROPPED = "DROPPED", _("Dropped")

    TRANSITIONS = {
        Status.OPEN: (Status.COMPLETED, Status.DROPPED),
        Status.COMPLETED: (),
        Status.DROPPED: (),
    }

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    count = models.ForeignKey(Count, models.PROTECT, related_name="sessions", db_index=False)
    zone = models.ForeignKey(CountZone, models.PROTECT, related_name="sessions", db_index=False)
    number = models.PositiveIntegerField(_("pass"))
    product = key_to(Product, null=True, verbose_name=_("product"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN)
    by = key_to_user(verbose_name=_("user"))
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")
    opened_at = models.DateTimeField(_("opened"))
    heartbeat_at = models.DateTimeField(_("last heard of"))
    taken_over_at = models.DateTimeField(_("taken over"), null=True)
    completed_at = models.DateTimeField(_("completed"), null=True)
    # Of its observations; set when it is completed.
    first_at = models.DateTimeField(_("first observation"), null=True)
    last_at = models.DateTimeField(_("last observation"), null=True)

    class Meta:
        verbose_name = _("session of a zone")
        verbose_name_plural = _("sessions of zones")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["zone", "number"], name="session_number_once_per_zone"),
            models.UniqueConstraint(
                fields=["zone"], condition=Q(status="OPEN"), name="one_associate_per_zone"
            ),
            models.CheckConstraint(
                condition=~Q(status="COMPLETED") | Q(completed_at__isnull=False),
                name="session_completed_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["count", "zone", "number"], name="session_by_count")]

    def __str__(self) -> str:
        return f"{self.zone} ({self.number})"


class Observation(models.Model):
    """What somebody saw at one moment: so many of a product, or a code that nobody knows.

    Negative takes back what was scanned too often. `is_late` came after its session was
    completed, or from who had lost the zone: kept and shown, never counted.
    """

    session = models.ForeignKey(
        ZoneSession, models.PROTECT, related_name="observations", db_index=False
    )
    count_id = models.BigIntegerField(editable=False)
    key = models.CharField(_("key"), max_length=64, db_collation="C")
    product = key_to(Product, null=True)
    code = models.CharField(_("code"), max_length=256, blank=True, db_collation="C")
    quantity = models.IntegerField(_("quantity"))
    observed_at = models.DateTimeField(_("observed"))
    received_at = models.DateTimeField(_("received"))
    is_late = models.BooleanField(_("late"), default=False)
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["session", "key"], name="observation_once_per_key"),
            models.CheckConstraint(
                condition=Q(quantity__gte=-MAX_QUANTITY, quantity__lte=MAX_QUANTITY),
                name="observed_quantity_in_range",
            ),
            models.CheckConstraint(
                condition=Q(observed_at__lte=models.F("received_at")),
                name="nothing_is_observed_in_the_future",
            ),
        ]
        indexes = [
            models.Index(fields=["count_id", "product"], name="observation_by_product"),
            # The pace of a running count is of the last hour, and rows come in its order.
            BrinIndex(fields=["received_at"], pages_per_range=16, name="observation_by_receipt"),
            models.Index(fields=["count_id"], condition=Q(is_late=True), name="observation_late"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="observation_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]


class RecountRequest(models.Model):
    """A manager wants a zone, or a product, counted again; done when a session completes."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    count = models.ForeignKey(Count, models.PROTECT, related_name="recounts", db_index=False)
    zone = models.ForeignKey(
        CountZone, models.PROTECT, related_name="recounts", null=True, db_index=False
    )
    product = key_to(Product, null=True)
    by = key_to_user(verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested"), db_default=Now())
    done_at = models.DateTimeField(_("done"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("requested recount")
        verbose_name_plural = _("requested recounts")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(zone__isnull=False) | Q(product__isnull=False),
                name="recount_of_something",
            ),
            models.UniqueConstraint(
                fields=["count", "zone", "product"],
                nulls_distinct=False,
                condition=Q(done_at__isnull=True, withdrawn_at__isnull=True),
                name="recount_requested_once",
            ),
        ]
