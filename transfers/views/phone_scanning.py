"""Scans into a box: what each code means, and what the person hears about it (PRODUCT §6)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from omnichannel.catalog.models import Product
from omnichannel.catalog.reads import MOST_UNITS, Read, meant, only, unclear
from omnichannel.locations.switches import not_typed
from omnichannel.web.scans import Outcome

from .. import actions
from .collecting import Box, Collecting, known_keys


class Taken(NamedTuple):
    outcomes: list[Outcome]
    box: Box


def take_scans(work: Collecting, reads: Sequence[Read], *, types: bool) -> Taken:
    """Keep the scans, each once, and say of every one what became of it.

    Args:
        types: quantities may be typed; otherwise every unit is scanned.

    Raises:
        ActionError: it is over, or full; nothing was kept.
    """
    reads = list({read.key: read for read in reads}.values())
    known = known_keys(work.scans, [read.key for read in reads])
    means = {read.key: meant(read.code, read.product_id) for read in reads}
    refused = dict(refusals([read for read in reads if read.key not in known], types))
    new = [read for read in reads if read.key not in known and read.key not in refused]
    if new:
        with transaction.atomic(durable=True):
            work.record(
                [
                    actions.Scan(
                        read.key,
                        read.code,
                        product.pk if (product := only(means[read.key])) else None,
                        read.quantity,
                        read.at,
                    )
                    for read in new
                ]
            )
    box = work.box()
    return Taken([outcome(read, means[read.key], refused, box) for read in reads], box)


def refusals(reads: Iterable[Read], types: bool) -> Iterable[tuple[UUID, str]]:
    """What is not kept, and why."""
    for read in reads:
        if not read.code:
            yield read.key, _("No code was read. Scan again.")
        elif not 1 <= abs(read.quantity) <= MOST_UNITS:
            text = _("%(units)s is no quantity to pick at once; the most is %(most)s.")
            yield read.key, text % {"units": read.quantity, "most": MOST_UNITS}
        elif abs(read.quantity) != 1 and not types:
            yield read.key, not_typed()


def outcome(read: Read, found: Sequence[Product], refused: dict[UUID, str], box: Box) -> Outcome:
    if read.key in refused:
        return Outcome(read.key, "refused", refused[read.key])
    product = only(found)
    if product is None:
        return unclear(read.key, read.code, found)
    row = box.by_product.get(product.pk)
    words = {
        "product": product.name,
        "units": row.units if row else 0,
        "wanted": row.wanted if row else None,
        "over": row.over if row else 0,
        "there": row.there if row else None,
    }
    if row and row.over and not row.wanted:
        return Outcome(read.key, "miss", _("%(product)s is not wanted here: %(units)s") % words)
    if row and row.over:
        text = _("%(product)s: %(units)s of %(wanted)s, %(over)s too many. Take them out.")
        return Outcome(read.key, "miss", text % words)
    if row and row.lacking:
        text = _("%(product)s: %(units)s in the box, %(there)s in the books. Count it.")
        return Outcome(read.key, "miss", text % words)
    text = _("%(product)s: %(units)s of %(wanted)s")
    if words["wanted"] is None:
        text = _("%(product)s: %(units)s")
    return Outcome(read.key, "hit", text % words)
