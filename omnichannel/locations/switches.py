"""What the configuration lets a store's phones do (CONTRACT §4.6)."""

from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from .configuration import Configuration
from .models import FulfillmentLocation


def is_on(work: str, store: FulfillmentLocation) -> bool:
    """Whether the store does a work of `enabled_<work>_stores`."""
    return Configuration.current().allows(f"enabled_{work}_stores", store.store_id or store.code)


def may_type(work: str) -> bool:
    """Whether quantities may be typed; otherwise every unit is scanned."""
    return bool(Configuration.current().phone[f"allow_{work}_manual_quantity_editing"])


def refuse_switched_off(work: str, name: str, store: FulfillmentLocation) -> None:
    """What was begun may be finished, also after somebody has switched it off.

    Args:
        name: of the work, for people.

    Raises:
        ActionError
    """
    if not is_on(work, store):
        raise ActionError(
            _("%(work)s: switched off for %(store)s (Configuration).")
            % {"work": name, "store": store.name}
        )


def not_typed() -> str:
    """Why a quantity other than one is not kept."""
    return _("Quantities are not typed here. Scan every unit.")
