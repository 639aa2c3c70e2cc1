"""What integrations tell about a location and this product repeats (CONTRACT §4.2)."""

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class LocationProfile(models.Model):
    """Addresses and the like, as they were told; a location that nobody told about has no row.

    `revision` rises with every change. City and country are the location's own columns too,
    because lists filter by them.
    """

    location = models.OneToOneField(
        "locations.FulfillmentLocation",
        models.CASCADE,
        primary_key=True,
        related_name="profile",
        verbose_name=_("location"),
    )
    address = models.JSONField(_("address"), default=dict)
    told = models.JSONField(_("further fields"), default=dict)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("updated"), db_default=Now())

    class Meta:
        verbose_name = _("location profile")
        verbose_name_plural = _("location profiles")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.location)

    def as_body(self) -> dict[str, Any]:
        return {"address": self.address, **self.told}
