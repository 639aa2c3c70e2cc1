"""When a store's stock became ours, and on what its first numbers rest (PRODUCT §8)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from omnichannel.locations.models import FulfillmentLocation, StockScopedQuerySet


class Takeover(models.Model):
    """The moment from which this system keeps the stock of a store; there is no way back.

    `units` is what the last stock import had left on hand, products with less than 0 left out.
    Stores that were ours from their first day have none.
    """

    location = models.OneToOneField(
        FulfillmentLocation,
        models.CASCADE,
        primary_key=True,
        related_name="takeover",
        verbose_name=_("store"),
    )
    taken_over_at = models.DateTimeField(_("taken over"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("by"),
    )
    last_import_at = models.DateTimeField(_("last stock import"), null=True)
    units = models.BigIntegerField(_("units"), default=0)

    objects = StockScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("takeover of stock")
        verbose_name_plural = _("takeovers of stock")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.location)
