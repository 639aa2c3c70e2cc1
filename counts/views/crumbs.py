"""Where the pages of this room stand."""

from django.utils.translation import gettext_lazy

INVENTORY = (gettext_lazy("Store Operations"), gettext_lazy("Inventory"))
COUNTS = (*INVENTORY, (gettext_lazy("Counts"), "counts:list"))
