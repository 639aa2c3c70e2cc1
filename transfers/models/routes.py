import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class ShippingRoute(models.Model):
    """Which service levels a carrier offers between two places (CONTRACT §4).

    Location ids as they were told; "*" is every one. The whole list is replaced at once, and a
    route that is told again keeps its id.
    """

    AUDITED_AS = ("transfer_shipping_configuration", "uuid")
    EVERYWHERE = "*"

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    position = models.IntegerField(editable=False)
    from_location_id = models.CharField(_("from"), max_length=256, db_collation="C")
    to_location_ids = ArrayField(
        models.CharField(max_length=256, db_collation="C"), verbose_name=_("to")
    )
    service_level_ids = ArrayField(
        models.CharField(max_length=128), verbose_name=_("service levels")
    )

    class Meta:
        verbose_name = _("shipping route")
        verbose_name_plural = _("shipping routes")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.from_location_id} → {', '.join(self.to_location_ids)}"
