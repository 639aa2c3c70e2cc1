"""Where the pages of this room stand."""

from django.utils.translation import gettext_lazy

INVENTORY = (gettext_lazy("Store Operations"), gettext_lazy("Inventory"))
TRANSFERS = (*INVENTORY, (gettext_lazy("Transfer Orders"), "transfers:list"))
