"""Where goods under way stand in the books (PRODUCT §6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnichannel.locations.models import FulfillmentLocation


class Standing(models.TextChoices):
    HELD = "held", _("Sender's stock")
    OUTSIDE = "outside", _("Outside")
    # A DC tells of its receipts over the API only, so these are listed apart.
    TO_A_DC = "dc", _("To a DC")

    @property
    def condition(self) -> Q:
        """Of the notices whose goods stand so; of each notice exactly one holds."""
        if self == Standing.TO_A_DC:
            return TO_A_DC
        return ~TO_A_DC & Q(holder__isnull=self == Standing.OUTSIDE)


TO_A_DC = Q(destination__kind=FulfillmentLocation.Kind.DC)
