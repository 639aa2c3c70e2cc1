"""What the configuration lets a store's phones do (CONTRACT §4.6)."""

from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from .configuration import Configuration
from .models import FulfillmentLocation


class Switches:
    """What one reading of the configuration says of a store."""

    def __init__(self, store: FulfillmentLocation) -> None:
        self.store, self.decided = store, Configuration.current()

    def is_on(self, work: str) -> bool:
        """Whether the store does a work of `enabled_<work>_stores`."""
        name = self.store.store_id or self.store.code
        return self.decided.allows(f"enabled_{work}_stores", name)

    def may_type(self, work: str) -> bool:
        return self.decided.may_type(work)

    def refuse_off(self, work: str, name: str) -> None:
        """What was begun may be finished, also after somebody has switched it off.

        Args:
            name: of the work, for people.

        Raises:
            ActionError
        """
        if not self.is_on(work):
            raise ActionError(
                _("%(work)s: switched off for %(store)s (Configuration).")
                % {"work": name, "store": self.store.name}
            )


def may_type(work: str) -> bool:
    return Configuration.current().may_type(work)


def not_typed() -> str:
    """Why a quantity other than one is not kept."""
    return _("Quantities are not typed here. Scan every unit.")
