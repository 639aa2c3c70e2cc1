"""Deciding for all stores at once, in the caller's transaction (CONTRACT §4, §4.6)."""

from typing import Any

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from omnichannel.accounts import audit
from omnichannel.documents import ActionError

from .configuration import EVERYWHERE, STORES, Configuration
from .models import FulfillmentLocation


def decide(request: Any, told: dict[str, Any]) -> None:
    """Write fields of the configuration; what is not named stays, what is the same is no event.

    Raises:
        ActionError: a store that is none.
    """
    refuse_unknown_stores(told.get("phone", {}))
    configuration = Configuration.locked()
    before = {name: getattr(configuration, name) for name in told}
    changed = {name: value for name, value in told.items() if value != before[name]}
    if changed:
        times = (
            {"reservation_timeout_at": Now()} if "reservation_timeout_seconds" in changed else {}
        )
        Configuration.objects.filter(pk=configuration.pk).update(**changed, **times)
        old = {name: before[name] for name in changed}
        audit.record(request, audit.UPDATED, configuration, old, changed)


def refuse_unknown_stores(phone: dict[str, Any]) -> None:
    asked = {store_id for name in STORES for store_id in phone.get(name, ())} - {EVERYWHERE}
    stores = FulfillmentLocation.objects.filter(store_id__in=asked)
    if unknown := sorted(asked - set(stores.values_list("store_id", flat=True))):
        named = ", ".join(unknown)
        raise ActionError(_("There are no stores %s. Nothing was written.") % named)
