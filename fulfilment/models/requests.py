"""Orders as far as stock needs them: who must send what, and what came of it (CONTRACT §3.4)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from counts.models import Count
from inventory.models import key_to
from omnichannel.catalog.models import Product
from omnichannel.locations.models import DocumentScopedQuerySet, FulfillmentLocation


class FulfillmentRequest(models.Model):
    """Items of one order that one location was asked to send or to hand over.

    The items are `inventory.Allocation` rows with this `uuid` as their request.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order_uuid = models.UUIDField(_("order"), db_index=True)
    location = key_to(FulfillmentLocation, verbose_name=_("location"))
    service_level = models.CharField(_("service level"), max_length=256, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)

    objects = DocumentScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("fulfilment request")
        verbose_name_plural = _("fulfilment requests")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.uuid)


class FulfillmentFact(models.Model):
    """One thing that was told of a request; its primary key is the `logical_timestamp`."""

    class Kind(models.TextChoices):
        ASSIGNED = "ASSIGNED", _("Assigned")
        PACKED = "PACKED", _("Packed")
        COMPLETED = "COMPLETED", _("Sent")
        HANDED_OVER = "HANDED_OVER", _("Handed over")
        FAILED = "FAILED", _("Failed")

    request = models.ForeignKey(
        FulfillmentRequest, models.PROTECT, related_name="facts", verbose_name=_("request")
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    items = models.JSONField(_("items"), default=list)
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")
    created_at = models.DateTimeField(_("created"), db_default=Now())
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)

    class Meta:
        verbose_name = _("fulfilment fact")
        verbose_name_plural = _("fulfilment facts")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.request} {self.kind}"


class Mispick(models.Model):
    """An item that was not found at picking, or that broke at packing (PRODUCT §1)."""

    class Kind(models.TextChoices):
        MISPICK = "MISPICK", _("Mispick")
        MISPACK = "MISPACK", _("Mispack")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    order_uuid = models.UUIDField(_("order"), db_index=True)
    item_uuid = models.UUIDField(_("item"))
    location = key_to(FulfillmentLocation, verbose_name=_("store"))
    product = key_to(Product, verbose_name=_("product"))
    reason = models.CharField(_("reason"), max_length=32, blank=True)
    note = models.TextField(_("note"), blank=True)
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("user"),
    )
    # The cycle count that it asked for, where the configuration says so.
    count = models.ForeignKey(
        Count, models.SET_NULL, null=True, related_name="+", verbose_name=_("count")
    )
    updated_at = models.DateTimeField(_("updated"), db_default=Now())

    objects = DocumentScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("mispick")
        verbose_name_plural = _("mispicks")
        default_permissions = ()
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="mispick_by_time"),
            models.Index(fields=["location", "-updated_at", "-id"], name="mispick_by_store"),
            models.Index(fields=["product", "-updated_at"], name="mispick_by_product"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_uuid}"
