"""Zones of a full count, planned before or met while counting (PRODUCT §7)."""

import re
import unicodedata
from collections.abc import Mapping

from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.sorting import sort_key

from ..models import Count, CountZone
from .locking import locked, refuse_completing

MOST_ZONES = 5_000
# A code that is scanned comes from outside, and its text stands in files that others open.
USABLE = re.compile(r"[^\W_][^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,63}")


def zone_name(text: str) -> str:
    """The name as it is kept.

    Raises:
        ActionError: empty, longer than 64 characters, not beginning with a letter or a digit.
    """
    name = unicodedata.normalize("NFC", text[:1_000]).strip()
    if not USABLE.fullmatch(name):
        raise ActionError(
            _("A zone's name begins with a letter or a digit and has at most 64 characters.")
        )
    return name


def name_key(name: str) -> str:
    """Numbers as numbers, so that Zone 9 stands before Zone 10."""
    return re.sub(r"\d+", lambda found: found[0].zfill(12), sort_key(name))[:400]


def plan_zones(*, pk: int, first: int, last: int, label: str = "Zone") -> list[CountZone]:
    """Zones `label first` … `label last`; those that exist already stay as they are.

    Raises:
        ActionError: no full count, it has ended, a range that makes no sense.
    """
    count = locked(pk)
    if not count.is_full or count.status not in Count.OPEN:
        raise ActionError(_("Zones are planned for full counts that are not over."))
    refuse_completing(count)
    if not 0 <= first <= last < 10**9 or last - first >= MOST_ZONES:
        raise ActionError(
            _("%(first)s to %(last)s is no range of zones. Give at most %(most)s.")
            % {"first": first, "last": last, "most": MOST_ZONES}
        )
    names = [zone_name(f"{label} {number}") for number in range(first, last + 1)]
    CountZone.objects.bulk_create(
        [CountZone(count=count, name=name, name_key=name_key(name)) for name in names],
        ignore_conflicts=True,
    )
    return list(CountZone.objects.filter(count=count, name__in=names).order_by("name_key", "pk"))


def note_precounts(*, pk: int, units: Mapping[int, int | None]) -> None:
    """What zones (primary keys) held when somebody counted them beforehand; None forgets it.

    Raises:
        ActionError: the count is over, or a zone is none of it.
    """
    count = locked(pk)
    if not count.is_full or count.status not in Count.OPEN:
        raise ActionError(_("Zones are planned for full counts that are not over."))
    found = list(CountZone.objects.filter(count=count, pk__in=units))
    if len(found) != len(units):
        raise ActionError(_("Some of these zones are not of this count."))
    for zone in found:
        zone.precounted = units[zone.pk]
    CountZone.objects.bulk_update(found, ["precounted"])


def met_zone(count: Count, text: str) -> CountZone:
    """The zone of this name; one that nobody planned is made, and marked as that."""
    name = zone_name(text) if count.is_full else ""
    zone, _made = CountZone.objects.get_or_create(
        count=count, name=name, defaults={"name_key": name_key(name), "is_planned": not name}
    )
    return zone
