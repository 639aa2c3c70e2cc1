"""Receiving sessions: what was scanned, and what became a Receiving transaction of it."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models import MAX_QUANTITY, AdjustmentReason, InventoryTransaction, key_to
from omnichannel.catalog.models import Product
from omnichannel.locations.models import DocumentScopedQuerySet, FulfillmentLocation

from .documents import Asn, AsnLine


class Receipt(models.Model):
    """One session at one location: begun, scanned, completed once (PRODUCT §6).

    Without `asn` it is blind, and `matches` are the notices that it might have named. A
    correction names what it takes back in `corrects`; its quantities are negative.
    """

    class Kind(models.TextChoices):
        ITEMS = "ITEMS", _("Items")
        CARTON = "CARTON", _("Carton")
        BLIND = "BLIND", _("Without ASN")
        CORRECTION = "CORRECTION", _("Correction")

    class Status(models.TextChoices):
        IN_PROGRESS = "IN_PROGRESS", _("In Progress")
        COMPLETED = "COMPLETED", _("Completed")
        CANCELLED = "CANCELLED", _("Cancelled")

    TRANSITIONS = {
        Status.IN_PROGRESS: (Status.COMPLETED, Status.CANCELLED),
        Status.COMPLETED: (),
        Status.CANCELLED: (),
    }

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Names the act that made it: the same act again finds this row.
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)
    asn = models.ForeignKey(Asn, models.PROTECT, related_name="receipts", null=True, db_index=False)
    location = key_to(FulfillmentLocation, verbose_name=_("store"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    status = models.CharField(_("status"), max_length=11, choices=Status)
    carton_id = models.CharField(
        _("carton"), max_length=256, blank=True, default="", db_collation="C"
    )
    shipment_ref = models.CharField(
        _("shipment reference"), max_length=256, blank=True, default="", db_collation="C"
    )
    order_ref = models.CharField(
        _("order reference"), max_length=256, blank=True, default="", db_collation="C"
    )
    note = models.TextField(_("reason"), blank=True, default="")
    is_late = models.BooleanField(_("late arrival"), default=False)
    corrects = models.ForeignKey(
        "self", models.PROTECT, related_name="corrections", null=True, verbose_name=_("corrects")
    )
    started_at = models.DateTimeField(_("started"))
    begun_at = models.DateTimeField(_("begun"))
    completed_at = models.DateTimeField(_("completed"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("user"),
    )
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")
    transaction = models.OneToOneField(
        InventoryTransaction, models.PROTECT, related_name="receipt", null=True
    )

    objects = DocumentScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        default_permissions = ()
        indexes = [
            models.Index(fields=["asn", "id"], name="receipt_by_asn"),
            models.Index(fields=["location", "status", "id"], name="receipt_by_location"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="COMPLETED")
                | Q(completed_at__isnull=False, transaction__isnull=False),
                name="receipt_completed_has_a_transaction",
            ),
            models.CheckConstraint(
                condition=Q(kind="CORRECTION", corrects__isnull=False)
                | (~Q(kind="CORRECTION") & Q(corrects__isnull=True)),
                name="receipt_correction_names_the_first",
            ),
            models.CheckConstraint(
                condition=Q(asn__isnull=False) | Q(kind__in=["BLIND", "CORRECTION"]),
                name="receipt_names_its_asn",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="receipt_is_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="COMPLETED"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.uuid}"


class ReceiptLine(models.Model):
    """What one receipt brought of one line; negative where it takes back.

    `over` of them were more than was shipped. `damaged` of them went on to another stock
    location by the adjustment `damage`.
    """

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines", db_index=False)
    line = models.ForeignKey(
        AsnLine, models.PROTECT, related_name="receipt_lines", null=True, db_index=False
    )
    product = key_to(Product)
    carton_id = models.CharField(
        _("carton"), max_length=256, blank=True, default="", db_collation="C"
    )
    quantity = models.IntegerField(_("quantity"))
    over = models.IntegerField(_("over-received"), default=0)
    damaged = models.IntegerField(_("damaged"), default=0)
    damage = key_to(InventoryTransaction, null=True, verbose_name=_("adjustment"))

    class Meta:
        verbose_name = _("receipt line")
        verbose_name_plural = _("receipt lines")
        default_permissions = ()
        indexes = [models.Index(fields=["receipt", "id"], name="receipt_line_by_receipt")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quantity__gte=-MAX_QUANTITY, quantity__lte=MAX_QUANTITY, damaged__gte=0
                ),
                name="receipt_line_quantity_in_range",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="receipt_line_is_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]


class ReceiptScan(models.Model):
    """One scan or typed line of a session in progress; sent twice, it is kept once.

    `product` is empty while nobody knows the code. A negative quantity takes a scan back.
    """

    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="scans", db_index=False)
    key = models.UUIDField(_("key"))
    code = models.CharField(_("code"), max_length=256)
    product = key_to(Product, null=True)
    quantity = models.IntegerField(_("quantity"))
    is_damaged = models.BooleanField(_("damaged"), default=False)
    reason = key_to(AdjustmentReason, null=True, verbose_name=_("reason"))
    is_left_out = models.BooleanField(_("left out"), default=False)
    scanned_at = models.DateTimeField(_("scanned"))

    class Meta:
        verbose_name = _("receipt scan")
        verbose_name_plural = _("receipt scans")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["receipt", "key"], name="scan_once_per_key"),
            models.CheckConstraint(
                condition=Q(quantity__gte=-MAX_QUANTITY, quantity__lte=MAX_QUANTITY),
                name="scan_quantity_in_range",
            ),
        ]


class ReceiptMatch(models.Model):
    """A notice that a blind receipt was offered and went past; both know of each other."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="matches", db_index=False)
    asn = models.ForeignKey(Asn, models.PROTECT, related_name="blind_matches")

    class Meta:
        verbose_name = _("match of a blind receipt")
        verbose_name_plural = _("matches of blind receipts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["receipt", "asn"], name="match_once_per_asn")
        ]
