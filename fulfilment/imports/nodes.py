"""Locations that a file of stock names: those that are here, and those it brings along.

What a location is cannot change any more (CONTRACT §4.2), so a file that says otherwise about one
is refused as a whole: it was written for another installation.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from omnichannel.imports.rows import BadFile
from omnichannel.locations.actions import create_told
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.locations.permissions import MANAGE_LOCATIONS

from .placing import NODES

Kind = FulfillmentLocation.Kind


def new_nodes(told: Mapping[str, str | None], owner: Any) -> dict[str, str | None]:
    """Those of the file's locations that are not here yet.

    Raises:
        BadFile: one is here as something else, or the owner may add no locations.
    """
    here = dict(FulfillmentLocation.objects.filter(code__in=told).values_list("code", "store_id"))
    stores = [store for store in told.values() if store]
    taken = dict(
        FulfillmentLocation.objects.filter(store_id__in=stores).values_list("store_id", "code")
    )
    for code, store in told.items():
        if code in here and here[code] != store:
            raise BadFile(
                _("%(code)s is %(is)s here; the file says %(told)s.")
                % {"code": code, "is": named(here[code]), "told": named(store)}
            )
        if store and taken.get(store, code) != code:
            words = {"store": store, "is": taken[store], "code": code}
            raise BadFile(_("Store %(store)s is location %(is)s, not %(code)s.") % words)
    new = {code: store for code, store in told.items() if code not in here}
    refuse_same_store(new)
    if new and not (owner and owner.has_perm(MANAGE_LOCATIONS)):
        words = {"codes": ", ".join(sorted(new))[:200]}
        raise BadFile(_("%(codes)s: no such location, and you may not add one.") % words)
    return new


def refuse_same_store(new: Mapping[str, str | None]) -> None:
    stores = [store for store in new.values() if store]
    if len(stores) != len(set(stores)):
        raise BadFile(_("head.store_mapping gives one store to two locations."))


def named(store: str | None) -> str:
    return _("store %s") % store if store else _("a distribution centre")


def list_nodes(new: Mapping[str, str | None], owner: Any) -> None:
    """Into the table `told_node`, with what may be said about their rows."""
    reached = FulfillmentLocation.objects.acted_for_by(owner) if owner else None
    codes = list(new)
    values: dict[str, Any] = {
        "reached": list(reached.values_list("pk", flat=True)) if reached is not None else [],
        "new": codes,
        "kinds": [Kind.STORE if new[code] else Kind.DC for code in codes],
    }
    with connection.cursor() as cursor:
        cursor.execute(NODES, values)


def create_nodes(new: Mapping[str, str | None]) -> None:
    """In the transaction that writes their first rows."""
    made = {code: create_told(code, store).pk for code, store in new.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE placed SET location = made.id, node = NULL"
            "  FROM unnest(%s::text[], %s::int[]) AS made(code, id) WHERE placed.node = made.code",
            [list(made), list(made.values())],
        )
