"""One shipment against an order: picked, made ready, shipped, or unpacked again (PRODUCT §6)."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from asn.models import Asn
from inventory.models import MAX_QUANTITY, InventoryTransaction, key_to
from omnichannel.catalog.models import Product
from omnichannel.locations.models import TwoEndedQuerySet

from .documents import TransferOrder


class TransferTransactionQuerySet(TwoEndedQuerySet):
    """As its order: both ends see it, who sends packs."""

    ends = ("order__destination", "order__origin")
    acting_end = "order__origin"


class TransferTransaction(models.Model):
    """A parcel of an order, `<external reference>-<sequence>`; `tracking_number` is its carton.

    `asn` is the notice that its shipping made at the destination, `posting` the document that
    took the units out of stock. What is picked stays in stock until it ships.
    """

    class Status(models.TextChoices):
        PICKED = "PICKED", _("Being picked")
        READY = "READY", _("Ready for handover")
        SHIPPED = "SHIPPED", _("Shipped")
        UNPACKED = "UNPACKED", _("Unpacked")

    TRANSITIONS = {
        Status.PICKED: (Status.READY, Status.SHIPPED, Status.UNPACKED),
        Status.READY: (Status.SHIPPED, Status.UNPACKED),
        Status.SHIPPED: (),
        Status.UNPACKED: (),
    }
    FINAL = (Status.SHIPPED, Status.UNPACKED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Of the acts that began it, made it ready, and shipped or unpacked it: each is done once.
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)
    ready_key = models.CharField(
        max_length=200, blank=True, default="", db_collation="C", editable=False
    )
    final_key = models.CharField(
        max_length=200, blank=True, default="", db_collation="C", editable=False
    )
    order = models.ForeignKey(
        TransferOrder, models.PROTECT, related_name="transactions", db_index=False
    )
    sequence = models.IntegerField(editable=False)
    number = models.CharField(_("number"), max_length=272, db_collation="C")
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PICKED)
    with_carrier = models.BooleanField(_("with a carrier"), default=False)
    carrier = models.CharField(_("carrier"), max_length=128, blank=True, default="")
    service_level = models.CharField(_("service level"), max_length=128, blank=True, default="")
    tracking_number = models.CharField(
        _("tracking number"), max_length=256, blank=True, default="", db_collation="C"
    )
    revision = models.IntegerField(_("revision"), default=1)
    created_at = models.DateTimeField(_("begun"))
    ready_at = models.DateTimeField(_("ready"), null=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True)
    unpacked_at = models.DateTimeField(_("unpacked"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("user"),
    )
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")
    # Of the lines, so that a list joins none.
    quantity_total = models.BigIntegerField(_("items"), default=0)
    asn = models.OneToOneField(
        Asn, models.PROTECT, related_name="transfer", null=True, verbose_name=_("ASN")
    )
    posting = models.OneToOneField(
        InventoryTransaction,
        models.PROTECT,
        related_name="transfer",
        null=True,
        verbose_name=_("transaction"),
    )

    objects = TransferTransactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer transaction")
        verbose_name_plural = _("transfer transactions")
        default_permissions = ()
        indexes = [
            models.Index(fields=["number"], name="parcel_by_number"),
            models.Index(
                fields=["tracking_number"],
                condition=~Q(tracking_number=""),
                name="parcel_by_tracking_number",
            ),
            # Those that somebody has to hand over: few among many that have left.
            models.Index(
                fields=["order"],
                condition=Q(status__in=["PICKED", "READY"]),
                name="parcel_not_done",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "sequence"], name="parcel_number_once_per_order"
            ),
            models.CheckConstraint(
                condition=Q(status="SHIPPED", shipped_at__isnull=False, asn__isnull=False)
                | (~Q(status="SHIPPED") & Q(shipped_at__isnull=True, asn__isnull=True)),
                name="parcel_shipped_has_an_asn",
            ),
            models.CheckConstraint(
                condition=~Q(status="READY") | Q(ready_at__isnull=False),
                name="parcel_ready_has_a_time",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="parcel_is_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status__in=["SHIPPED", "UNPACKED"]),
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_final(self) -> bool:
        return self.status in self.FINAL


class TransferTransactionLine(models.Model):
    """Units of one product in the parcel.

    Scans that take back may arrive before those that they take back, so while it is being picked
    a line may stand below 0; a parcel that is ready or shipped has no such line.
    """

    transaction = models.ForeignKey(
        TransferTransaction, models.PROTECT, related_name="lines", db_index=False
    )
    product = key_to(Product)
    quantity = models.IntegerField(_("quantity"))

    class Meta:
        verbose_name = _("transfer transaction line")
        verbose_name_plural = _("transfer transaction lines")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["transaction", "product"], name="parcel_line_once_per_product"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=-MAX_QUANTITY, quantity__lte=MAX_QUANTITY),
                name="parcel_line_quantity_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.product_id}"


class PickScan(models.Model):
    """One scan while picking; sent twice, it is kept once and its line counts it once.

    `product` is empty while nobody knows the code. A negative quantity takes a scan back.
    """

    transaction = models.ForeignKey(
        TransferTransaction, models.PROTECT, related_name="scans", db_index=False
    )
    key = models.UUIDField(_("key"))
    code = models.CharField(_("code"), max_length=256)
    product = key_to(Product, null=True)
    quantity = models.IntegerField(_("quantity"))
    is_left_out = models.BooleanField(_("left out"), default=False)
    scanned_at = models.DateTimeField(_("scanned"))

    class Meta:
        verbose_name = _("pick scan")
        verbose_name_plural = _("pick scans")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["transaction", "key"], name="pick_scan_once_per_key"),
            models.CheckConstraint(
                condition=Q(quantity__gte=-MAX_QUANTITY, quantity__lte=MAX_QUANTITY),
                name="pick_scan_quantity_in_range",
            ),
        ]
