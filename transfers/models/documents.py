"""The order and its lines: what shall move, what has, and what is set aside for it (PRODUCT §6)."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models import MAX_QUANTITY, key_to
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, StockLocation, TwoEndedQuerySet


class TransferOrderQuerySet(TwoEndedQuerySet):
    """Who sends picks, ships and closes; who is sent to receives the ASN."""


class TransferOrder(models.Model):
    """An instruction to move stock of `from_stock_location` from `origin` to `destination`.

    `external_ref` is the ERP's reference, or `TO-<store>-<number_at_origin>` where a store began
    it. `reserves` says whether its units are set aside in `_transfers`: the setting of the day it
    was created, and never where the ERP masters the origin's stock.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        IN_PROGRESS = "IN_PROGRESS", _("In Progress")
        COMPLETED = "COMPLETED", _("Completed")
        CLOSED = "CLOSED", _("Closed")

    class Source(models.TextChoices):
        API = "API", _("API")
        FILE = "FILE", _("File")
        STORE = "STORE", _("Store")

    # In progress from the first shipment on; completed with the last one.
    TRANSITIONS = {
        Status.OPEN: (Status.IN_PROGRESS, Status.COMPLETED, Status.CLOSED),
        Status.IN_PROGRESS: (Status.COMPLETED, Status.CLOSED),
        Status.COMPLETED: (),
        Status.CLOSED: (),
    }
    FINAL = (Status.COMPLETED, Status.CLOSED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Names the act that made it: the same act again finds this row.
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)
    external_ref = models.CharField(
        _("external reference"), max_length=256, unique=True, db_collation="C"
    )
    number_at_origin = models.IntegerField(null=True, editable=False)
    source = models.CharField(_("source"), max_length=5, choices=Source)
    status = models.CharField(_("status"), max_length=11, choices=Status, default=Status.OPEN)
    origin = key_to(FulfillmentLocation, verbose_name=_("from"))
    destination = key_to(FulfillmentLocation, verbose_name=_("to"))
    from_stock_location = key_to(StockLocation, verbose_name=_("from stock location"))
    ordered_at = models.DateTimeField(_("order date"))
    due_date = models.DateField(_("due date"), null=True)
    note = models.TextField(_("note"), blank=True, default="")
    import_reference = models.CharField(
        _("import"), max_length=256, blank=True, default="", db_collation="C"
    )
    reserves = models.BooleanField(_("sets units aside"))
    revision = models.IntegerField(_("revision"), default=1)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("created by"),
    )
    created_associate_id = models.CharField(
        _("created by"), max_length=128, blank=True, default="", db_collation="C"
    )
    # Of the lines, so that a list joins none; `verify_ledger` compares them.
    product_count = models.IntegerField(_("products"))
    ordered_total = models.BigIntegerField(_("ordered"))
    transferred_total = models.BigIntegerField(_("transferred"), default=0)
    reserved_total = models.BigIntegerField(_("set aside"), default=0)
    # Completed or closed: when, and by whom.
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("closed by"),
    )
    closed_associate_id = models.CharField(
        _("closed by"), max_length=128, blank=True, default="", db_collation="C"
    )
    # Of the act that closed it: the same act again is told what it did.
    closing_key = models.CharField(
        max_length=200, blank=True, default="", db_collation="C", editable=False
    )

    objects = TransferOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer order")
        verbose_name_plural = _("transfer orders")
        default_permissions = ()
        indexes = [
            models.Index(fields=["ordered_at", "id"], name="transfer_by_time"),
            models.Index(
                fields=["destination", "ordered_at", "id"], name="transfer_by_destination"
            ),
            models.Index(fields=["origin", "ordered_at", "id"], name="transfer_by_origin"),
            models.Index(fields=["status", "ordered_at", "id"], name="transfer_by_status"),
            models.Index(
                fields=["origin", "status", "ordered_at", "id"],
                name="transfer_by_origin_and_status",
            ),
            models.Index(fields=["updated_at", "id"], name="transfer_by_update"),
            # The few that somebody has to do something about, among many that are done.
            models.Index(
                fields=["ordered_at", "id"],
                condition=Q(status__in=["OPEN", "IN_PROGRESS"]),
                name="transfer_not_done",
            ),
            # Days are compared in the index, so that late ones are found without reading the others.
            models.Index(
                fields=["ordered_at", "id", "due_date"],
                condition=Q(status__in=["OPEN", "IN_PROGRESS"], due_date__isnull=False),
                name="transfer_due",
            ),
            models.Index(
                fields=["import_reference"],
                condition=~Q(import_reference=""),
                name="transfer_by_import",
            ),
            GinIndex(OpClass(F("external_ref"), "gin_trgm_ops"), name="transfer_ref_trigrams"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "number_at_origin"], name="transfer_number_once_per_store"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["COMPLETED", "CLOSED"], closed_at__isnull=False)
                | (~Q(status__in=["COMPLETED", "CLOSED"]) & Q(closed_at__isnull=True)),
                name="transfer_done_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(origin=F("destination")), name="transfer_has_two_ends"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["COMPLETED", "CLOSED"]) | Q(reserved_total=0),
                name="transfer_done_sets_nothing_aside",
            ),
            models.CheckConstraint(
                condition=Q(
                    ordered_total__gte=0,
                    transferred_total__gte=0,
                    transferred_total__lte=F("ordered_total"),
                    reserved_total__gte=0,
                ),
                name="transfer_totals_in_range",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="transfer_stays_done",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["COMPLETED", "CLOSED"]),
            ),
        ]

    def __str__(self) -> str:
        return f"Transfer {self.external_ref}"

    @property
    def is_final(self) -> bool:
        return self.status in self.FINAL

    @property
    def remaining_total(self) -> int:
        """Units that were ordered and have not shipped."""
        return self.ordered_total - self.transferred_total


class TransferOrderLine(models.Model):
    """One product: units ordered, shipped, and set aside in `_transfers` now."""

    order = models.ForeignKey(TransferOrder, models.PROTECT, related_name="lines", db_index=False)
    product = key_to(Product)
    ordered = models.IntegerField(_("ordered"))
    transferred = models.IntegerField(_("transferred"), default=0)
    reserved = models.IntegerField(_("set aside"), default=0)

    class Meta:
        verbose_name = _("transfer order line")
        verbose_name_plural = _("transfer order lines")
        default_permissions = ()
        indexes = [models.Index(fields=["product", "order"], name="transfer_line_by_product")]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "product"], name="transfer_line_once_per_product"
            ),
            models.CheckConstraint(
                condition=Q(ordered__gte=1, ordered__lte=MAX_QUANTITY),
                name="transfer_line_quantity_in_range",
            ),
            models.CheckConstraint(
                condition=Q(
                    transferred__gte=0,
                    reserved__gte=0,
                    ordered__gte=F("transferred") + F("reserved"),
                ),
                name="transfer_line_within_the_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.product_id}"

    @property
    def variance(self) -> int:
        """Ordered - transferred: the documented exception (PRODUCT §6)."""
        return self.ordered - self.transferred

    @property
    def remaining(self) -> int:
        return self.ordered - self.transferred
