"""A transfer that a store begins by scanning, before it is an order (PRODUCT §6)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models import MAX_QUANTITY, key_to
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, TwoEndedQuerySet

from .documents import TransferOrder


class TransferDraftQuerySet(TwoEndedQuerySet):
    """Who sends; nobody else has heard of it."""

    ends = ("origin",)


class TransferDraft(models.Model):
    """What is being collected for a destination; an order is made of it once, or it is left.

    Nothing of it moves or sets aside stock.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Names the act that began it: the same act again finds this row.
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)
    origin = key_to(FulfillmentLocation, verbose_name=_("from"))
    destination = key_to(FulfillmentLocation, verbose_name=_("to"))
    created_at = models.DateTimeField(_("begun"))
    left_at = models.DateTimeField(_("left"), null=True)
    order = models.OneToOneField(
        TransferOrder, models.PROTECT, related_name="draft", null=True, verbose_name=_("order")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("user"),
    )
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")

    objects = TransferDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer draft")
        verbose_name_plural = _("transfer drafts")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["origin"],
                condition=Q(order__isnull=True, left_at__isnull=True),
                name="transfer_draft_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(origin=F("destination")), name="transfer_draft_has_two_ends"
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=True) | Q(left_at__isnull=True),
                name="transfer_draft_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin} → {self.destination}"

    @property
    def is_open(self) -> bool:
        return self.order_id is None and self.left_at is None


class DraftScan(models.Model):
    """One scan of a draft; sent twice, it is kept once.

    `product` is empty while nobody knows the code. A negative quantity takes a scan back.
    """

    draft = models.ForeignKey(TransferDraft, models.PROTECT, related_name="scans", db_index=False)
    key = models.UUIDField(_("key"))
    code = models.CharField(_("code"), max_length=256)
    product = key_to(Product, null=True)
    quantity = models.IntegerField(_("quantity"))
    is_left_out = models.BooleanField(_("left out"), default=False)
    scanned_at = models.DateTimeField(_("scanned"))

    class Meta:
        verbose_name = _("draft scan")
        verbose_name_plural = _("draft scans")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["draft", "key"], name="draft_scan_once_per_key"),
            models.CheckConstraint(
                condition=Q(quantity__gte=-MAX_QUANTITY, quantity__lte=MAX_QUANTITY),
                name="draft_scan_quantity_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.code}"
