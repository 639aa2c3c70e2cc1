import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from omnichannel.catalog.models import Product
from omnichannel.locations.models import (
    DocumentScopedQuerySet,
    FulfillmentLocation,
    StockLocation,
    StockScopedQuerySet,
)

from .. import permissions
from .written import ThisTransaction, WrittenIn

# Far below 2^31, so that no sum of two postings overflows (RELIABILITY rule 8).
MAX_QUANTITY = 1_000_000_000


def key_to(model: type[models.Model], **options: Any) -> models.ForeignKey:
    """A foreign key of a stock table: the composite key is the index, so no second one."""
    return models.ForeignKey(model, models.PROTECT, related_name="+", db_index=False, **options)


class AdjustmentReason(models.Model):
    """Why stock was adjusted, and between which stock locations (CONTRACT §4)."""

    AUDITED_AS = ("adjustment_reason", "uuid")

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(_("adjustment type"), max_length=64)
    subtype = models.CharField(_("adjustment reason"), max_length=128)
    origin = key_to(StockLocation, null=True, blank=True, verbose_name=_("origin"))
    destination = key_to(StockLocation, null=True, blank=True, verbose_name=_("destination"))
    is_active = models.BooleanField(_("active"), default=True)
    states_truth = models.BooleanField(
        _("says how many there are"),
        default=False,
        db_default=False,
        help_text=_(
            "Found, missing, count correction: refused while a full count of the same place runs,"
            " which says so itself. Damage and the like happen meanwhile as ever."
        ),
    )

    class Meta:
        verbose_name = _("adjustment reason")
        verbose_name_plural = _("adjustment reasons")
        constraints = [
            models.UniqueConstraint(fields=["type", "subtype"], name="reason_once_per_type"),
            models.CheckConstraint(
                condition=models.Q(origin__isnull=False) | models.Q(destination__isnull=False),
                name="reason_has_a_side",
                violation_error_message=_(
                    "A reason needs an origin, a destination, or both; otherwise it moves nothing."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type}: {self.subtype}"


class InventoryTransactionQuerySet(DocumentScopedQuerySet):
    def listed(self) -> "InventoryTransactionQuerySet":
        """Without reserve and unreserve, which appear in audit trails only (PRODUCT §4)."""
        return self.exclude(type__in=InventoryTransaction.HIDDEN_TYPES)


class InventoryTransaction(models.Model):
    """One thing somebody did to stock, with its lines as typed (PRODUCT §5)."""

    class Type(models.TextChoices):
        RECEIVING = "RECEIVING", _("Receiving")
        TRANSFER = "TRANSFER", _("Transfer")
        ADJUSTMENT = "ADJUSTMENT", _("Adjustment")
        COUNT_ADJUSTMENT = "COUNT_ADJUSTMENT", _("Count Adjustment")
        RETURN = "RETURN", _("Return")
        SHIPMENT = "SHIPMENT", _("Shipment")
        STOCK_IMPORT = "STOCK_IMPORT", _("Stock Import")
        RESERVE = "RESERVE", _("Reserve")
        UNRESERVE = "UNRESERVE", _("Unreserve")

    class Status(models.TextChoices):
        IN_PROGRESS = "IN_PROGRESS", _("In Progress")
        READY_FOR_HANDOVER = "READY_FOR_HANDOVER", _("Ready for Handover")
        COMPLETED = "COMPLETED", _("Completed")
        CANCELLED = "CANCELLED", _("Cancelled")

    HIDDEN_TYPES = (Type.RESERVE, Type.UNRESERVE)
    TRANSITIONS = {
        Status.IN_PROGRESS: (Status.READY_FOR_HANDOVER, Status.COMPLETED, Status.CANCELLED),
        Status.READY_FOR_HANDOVER: (Status.IN_PROGRESS, Status.COMPLETED, Status.CANCELLED),
        Status.COMPLETED: (),
        Status.CANCELLED: (),
    }

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(_("type"), max_length=16, choices=Type)
    status = models.CharField(_("status"), max_length=18, choices=Status)
    location = key_to(FulfillmentLocation, verbose_name=_("store"))
    from_location = key_to(FulfillmentLocation, null=True, verbose_name=_("from"))
    to_location = key_to(FulfillmentLocation, null=True, verbose_name=_("to"))
    from_stock_location = key_to(StockLocation, null=True, verbose_name=_("from stock location"))
    to_stock_location = key_to(StockLocation, null=True, verbose_name=_("to stock location"))
    reason = key_to(AdjustmentReason, null=True, verbose_name=_("adjustment reason"))
    reference = models.CharField(_("reference"), max_length=256, blank=True, db_collation="C")
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("user"),
    )
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")
    started_at = models.DateTimeField(_("started"))
    completed_at = models.DateTimeField(_("completed"), null=True)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="corrections",
        null=True,
        verbose_name=_("corrects"),
    )
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)
    # Its movements are at most `movement_count` rows with an id above `movements_after`: found
    # by the primary key, so the largest table needs no index for it (ADR 0007).
    movements_after = models.BigIntegerField(editable=False)
    movement_count = models.IntegerField(editable=False)
    # Empty in rows of before this was asked: they are older than any question.
    written_in = WrittenIn(null=True, db_default=ThisTransaction(), editable=False)

    objects = InventoryTransactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        permissions = permissions.NAMES
        indexes = [
            models.Index(fields=["completed_at", "id"], name="transaction_by_time"),
            models.Index(fields=["location", "completed_at", "id"], name="transaction_by_store"),
            models.Index(fields=["reference"], name="transaction_by_reference"),
            models.Index(fields=["type", "completed_at", "id"], name="transaction_by_type"),
            models.Index(fields=["written_in"], name="transaction_by_writer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status="COMPLETED") | models.Q(completed_at__isnull=False),
                name="completed_has_a_time",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="completed_is_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="COMPLETED"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.reference or self.uuid}"

    def movements(self) -> "DocumentScopedQuerySet":
        """What it moved, in the order of posting, found along the primary key."""
        found = StockMovement.objects.filter(pk__gt=self.movements_after, transaction=self)
        return found.order_by("pk")[: self.movement_count]


class InventoryTransactionLine(models.Model):
    """One line as it was typed, whoever masters the location's inventory."""

    pk = models.CompositePrimaryKey("transaction_id", "position")
    # Only the product is checked by the database: the other keys are written by the statement
    # that wrote their rows, and three more checks a line cost a load a third of its time.
    transaction = models.ForeignKey(
        InventoryTransaction,
        models.PROTECT,
        related_name="lines",
        db_index=False,
        db_constraint=False,
    )
    position = models.IntegerField()
    product = key_to(Product)
    quantity = models.IntegerField(_("quantity"))
    from_stock_location = key_to(StockLocation, null=True, db_constraint=False)
    to_stock_location = key_to(StockLocation, null=True, db_constraint=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0, quantity__lte=MAX_QUANTITY),
                name="line_quantity_in_range",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="line_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]


class StockOnHand(models.Model):
    """How many units of a product a stock location of a location holds (DESIGN §9).

    Written by `inventory.ledger` only. The key is the lock order of every posting.
    """

    pk = models.CompositePrimaryKey("location_id", "product_id", "stock_location_id")
    location = key_to(FulfillmentLocation)
    product = key_to(Product)
    stock_location = key_to(StockLocation)
    quantity = models.IntegerField(_("on hand"))
    # When a count last said how many there are; without one, nobody ever counted here.
    counted_at = models.DateTimeField(_("last counted"), null=True, editable=False)

    objects = StockScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock on hand")
        verbose_name_plural = _("stock on hand")
        indexes = [
            models.Index(fields=["product", "location", "stock_location"], name="stock_by_product")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=-MAX_QUANTITY, quantity__lte=MAX_QUANTITY),
                name="stock_quantity_in_range",
            )
        ]


class ActiveFullCount(models.Model):
    """A stock location of a store that is being counted as a whole; the count itself lies above.

    Written by `full_counts.hold` together with the count's status, and gone with it.
    """

    pk = models.CompositePrimaryKey("location_id", "stock_location_id")
    location = key_to(FulfillmentLocation)
    stock_location = key_to(StockLocation)
    count_uuid = models.UUIDField(_("count"), unique=True)
    name = models.CharField(_("name"), max_length=256)

    class Meta:
        verbose_name = _("active full count")
        verbose_name_plural = _("active full counts")
        default_permissions = ()


class MovementColumns(models.Model):
    """What one movement of one stock row says; the audit trail says one thing more."""

    # Keys without a database constraint: the ledger copies them from rows that have one, and
    # `verify_ledger` proves it (ADR 0007).
    transaction = key_to(InventoryTransaction, db_constraint=False)
    location = key_to(FulfillmentLocation, db_constraint=False)
    product = key_to(Product, db_constraint=False)
    stock_location = key_to(StockLocation, db_constraint=False)
    quantity = models.IntegerField(_("change"))
    balance = models.IntegerField(_("balance"))
    happened_at = models.DateTimeField(_("happened"))
    posted_at = models.DateTimeField(_("posted"))

    class Meta:
        abstract = True


class StockMovement(MovementColumns):
    """One signed change of one stock row by one transaction; never edited (DESIGN §4)."""

    objects = DocumentScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        indexes = [
            models.Index(fields=["location", "product", "id"], name="movement_audit_trail"),
            BrinIndex(fields=["posted_at"], pages_per_range=32, name="movement_by_posting"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="movement_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]


class AuditEntry(MovementColumns):
    """A movement with the store's balance over all stock locations after it: a database view.

    PostgreSQL pushes a filter on location and product below the window, so the running sum
    covers one product in one store, and stays right under any further filter.
    """

    store_balance = models.BigIntegerField()

    objects = StockScopedQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "inventory_auditentry"
        default_permissions = ()


class StockAsOf(models.Model):
    """Stock On Hand as it stood at a moment: a database view over the balances of movements.

    The moment is `inventory.as_of` of the transaction, a time on the clock of each row's store;
    `queries.as_of` sets it, and without it the view is an error. What had not moved by then is 0.
    """

    pk = models.CompositePrimaryKey("location_id", "product_id", "stock_location_id")
    location = key_to(FulfillmentLocation, db_constraint=False)
    product = key_to(Product, db_constraint=False)
    stock_location = key_to(StockLocation, db_constraint=False)
    quantity = models.IntegerField(_("on hand"))

    objects = StockScopedQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "inventory_stockasof"
        default_permissions = ()


class LedgerVerification(models.Model):
    """What one run of `verify_ledger` found; the newest one is a metric."""

    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"))
    movements = models.BigIntegerField(_("movements"))
    stock_rows = models.BigIntegerField(_("stock rows"))
    differences = models.BigIntegerField(_("differences"))

    class Meta:
        verbose_name = _("ledger verification")
        verbose_name_plural = _("ledger verifications")
        default_permissions = ("view",)
