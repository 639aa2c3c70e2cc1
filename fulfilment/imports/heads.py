"""What a file of stock says about itself before its rows (CONTRACT §4.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from omnichannel.imports.archive import Source
from omnichannel.imports.rows import BadFile, BadRow, checked

ON_HAND, ATP = "on_hand", "atp"
MODES = (ON_HAND, ATP)
LONGEST = 256
MOST_NODES = 10_000


class Head(NamedTuple):
    """`as_of` is when the other system counted its rows; `nodes` are store ids by location id,
    None for a distribution centre, as the file declares them.
    """

    mode: str = ON_HAND
    as_of: datetime | None = None
    nodes: Mapping[str, str | None] = {}


def read_head(source: Source, head: Mapping[str, Any], options: Mapping[str, str]) -> Head:
    """What the file says, or else what was chosen beside it; a CSV declares no locations.

    Raises:
        BadFile: a member is missing or is not as CONTRACT §4.3 has it.
    """
    mode = head.get("mode") or options.get("mode") or ON_HAND
    if mode not in MODES:
        told = {"file": source.name, "known": ", ".join(MODES)}
        raise BadFile(_("%(file)s: head.mode is none of %(known)s.") % told)
    as_of = moment(source, head.get("as_of") or options.get("as_of"))
    nodes = {} if source.suffix == ".csv" else mapping(source, head.get("store_mapping"))
    return Head(mode, as_of, nodes)


def moment(source: Source, told: Any) -> datetime | None:
    """A time without an offset is UTC (PRODUCT §3).

    Raises:
        BadFile: no ISO 8601, or still to come.
    """
    if not told:
        return None
    try:
        found = parse_datetime(told)
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise BadFile(_("%s: as_of is no time such as 2026-01-31T06:00:00+01:00.") % source.name)
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found > timezone.now():
        told = {"file": source.name, "time": found.isoformat()}
        raise BadFile(_("%(file)s: as_of is %(time)s, which has not come yet.") % told)
    return found


def mapping(source: Source, told: Any) -> dict[str, str | None]:
    """
    Raises:
        BadFile: head.store_mapping is missing, or an entry of it makes no sense.
    """
    if not isinstance(told, list) or not told or len(told) > MOST_NODES:
        raise BadFile(
            _("%(file)s: head.store_mapping is to be a list of 1 to %(most)d locations.")
            % {"file": source.name, "most": MOST_NODES}
        )
    found: dict[str, str | None] = {}
    for number, entry in enumerate(told, start=1):
        node, store = pair(source, number, entry)
        if node in found and found[node] != store:
            raise bad_entry(source, number, _("%s stands there twice, differently") % node)
        found[node] = store
    return found


def pair(source: Source, number: int, entry: Any) -> tuple[str, str | None]:
    if not isinstance(entry, dict) or "fulfillment_node_id" not in entry:
        raise bad_entry(source, number, _("it names no fulfillment_node_id"))
    node, store = entry["fulfillment_node_id"], entry.get("store_id")
    if not isinstance(node, str) or not node.strip():
        raise bad_entry(source, number, _("fulfillment_node_id is no text"))
    if store is not None and (not isinstance(store, str) or not store.strip()):
        raise bad_entry(source, number, _("store_id is neither a text nor null"))
    try:
        checked(node.strip(), "fulfillment_node_id", LONGEST)
        checked((store or "").strip(), "store_id", LONGEST)
    except BadRow as bad:
        raise bad_entry(source, number, bad.cause) from bad
    return node.strip(), store.strip() if store else None


def bad_entry(source: Source, number: int, cause: str) -> BadFile:
    told = {"file": source.name, "number": number, "cause": cause}
    return BadFile(_("%(file)s: entry %(number)d of head.store_mapping: %(cause)s.") % told)
