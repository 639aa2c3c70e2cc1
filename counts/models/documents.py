import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from inventory.models import InventoryTransaction, key_to
from omnichannel.catalog.models import Product
from omnichannel.locations.models import (
    DocumentScopedQuerySet,
    FulfillmentLocation,
    StockLocation,
)

from .. import permissions


def key_to_user(**options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        **options,
    )


class Access(models.Model):
    """Holds the permissions of this room; it has no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = permissions.NAMES


class CountBatch(models.Model):
    """The counts of one creation, one for each store (PRODUCT §7)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)
    by = key_to_user(verbose_name=_("created by"))
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("batch of counts")
        verbose_name_plural = _("batches of counts")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.uuid)


class CountQuerySet(DocumentScopedQuerySet):
    def active_full(self) -> "CountQuerySet":
        """Full counts that run, or are about to."""
        return self.filter(Count.IS_ACTIVE_FULL)

    def for_phones(self) -> "CountQuerySet":
        """What an associate can work on: a full count only once it is active (PRODUCT §7)."""
        cycle = Q(type=Count.Type.CYCLE, status__in=Count.OPEN)
        return self.filter(cycle | Q(status=Count.Status.IN_PROGRESS))


class Count(models.Model):
    """A cycle count of chosen products, or a full count of a store's stock location.

    Tolerances are what may differ on one line without a reason being asked: units, percent of
    the book, money in the store's currency; empty means any difference.
    """

    class Type(models.TextChoices):
        CYCLE = "CYCLE", _("Cycle Count")
        FULL = "FULL", _("Full Count")

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Pending")
        IN_PROGRESS = "IN_PROGRESS", _("In Progress")
        COMPLETED = "COMPLETED", _("Completed")
        CANCELLED = "CANCELLED", _("Cancelled")

    TRANSITIONS = {
        Status.PENDING: (Status.IN_PROGRESS, Status.CANCELLED),
        Status.IN_PROGRESS: (Status.COMPLETED, Status.CANCELLED),
        Status.COMPLETED: (),
        Status.CANCELLED: (),
    }
    OPEN = (Status.PENDING, Status.IN_PROGRESS)
    IS_ACTIVE_FULL = Q(
        type="FULL", status__in=("PENDING", "IN_PROGRESS"), activation_requested_at__isnull=False
    )

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(
        CountBatch, models.PROTECT, related_name="counts", verbose_name=_("batch")
    )
    type = models.CharField(_("type"), max_length=5, choices=Type)
    status = models.CharField(_("status"), max_length=11, choices=Status, default=Status.PENDING)
    name = models.CharField(_("name"), max_length=256)
    name_key = models.CharField(max_length=300, editable=False, db_collation="C")
    external_id = models.CharField(_("external ID"), max_length=256, null=True, db_collation="C")  # noqa: DJ001
    location = key_to(FulfillmentLocation, verbose_name=_("store"))
    stock_location = key_to(StockLocation, verbose_name=_("stock location"))
    due_date = models.DateField(_("due date"))
    is_blind = models.BooleanField(_("blind"), default=False)
    tolerance_units = models.PositiveIntegerField(_("tolerance in units"), null=True)
    tolerance_percent = models.PositiveIntegerField(_("tolerance in percent"), null=True)
    tolerance_value = models.DecimalField(
        _("tolerance in money"), max_digits=12, decimal_places=2, null=True
    )
    by = key_to_user(verbose_name=_("created by"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    activation_requested_at = models.DateTimeField(_("activation requested"), null=True)
    activation_requested_by = key_to_user(verbose_name=_("activated by"))
    started_at = models.DateTimeField(_("started"), null=True)
    # A full count's is who submitted it, a cycle count's who counted (CONTRACT §3.3).
    associate_id = models.CharField(_("associate"), max_length=128, blank=True, db_collation="C")
    completion_requested_at = models.DateTimeField(_("completion requested"), null=True)
    completion_requested_by = key_to_user(verbose_name=_("completed by"))
    completion_note = models.TextField(_("reason"), blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancelled_by = key_to_user(verbose_name=_("cancelled by"))
    # From here on a movement that lies before the last observation comes late.
    frozen_at = models.DateTimeField(null=True, editable=False)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    transaction = models.OneToOneField(
        InventoryTransaction, models.PROTECT, related_name="count", null=True
    )

    objects = CountQuerySet.as_manager()

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("counts")
        indexes = [
            models.Index(fields=["due_date", "id"], name="count_by_due_date"),
            models.Index(fields=["location", "due_date", "id"], name="count_by_store"),
            models.Index(fields=["status", "due_date", "id"], name="count_by_status"),
            models.Index(fields=["name_key", "id"], name="count_by_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["location", "external_id"], name="count_external_id_once_per_store"
            ),
            models.UniqueConstraint(
                fields=["location"],
                condition=Q(
                    type="FULL",
                    status__in=("PENDING", "IN_PROGRESS"),
                    activation_requested_at__isnull=False,
                ),
                name="one_active_full_count_per_store",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("IN_PROGRESS", "COMPLETED")) | Q(started_at__isnull=False),
                name="count_under_way_has_started",
            ),
            models.CheckConstraint(
                condition=Q(status="COMPLETED", completed_at__isnull=False)
                | Q(~Q(status="COMPLETED"), completed_at__isnull=True),
                name="count_completed_has_a_time",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="count_end_is_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status__in=("COMPLETED", "CANCELLED")),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_full(self) -> bool:
        return self.type == self.Type.FULL

    @property
    def is_activating(self) -> bool:
        """A worker is asked for the snapshot and has not taken it yet."""
        return self.status == self.Status.PENDING and self.activation_requested_at is not None


class CountLine(models.Model):
    """A product of a count: listed when the count was made or activated, or met while counting.

    `expected` is the snapshot of a full count; a cycle count's is the book at its first
    observation, so it is derived and empty here.
    """

    pk = models.CompositePrimaryKey("count_id", "product_id")
    # Copied by statements of ours from rows that are checked (ADR 0007).
    count = models.ForeignKey(
        Count, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    product = key_to(Product, db_constraint=False)
    expected = models.IntegerField(_("expected"), null=True)
    is_listed = models.BooleanField(_("listed"), default=True)

    class Meta:
        verbose_name = _("line of a count")
        verbose_name_plural = _("lines of counts")
        default_permissions = ()
