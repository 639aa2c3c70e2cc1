"""Scans of a zone: what each code means, and what the person hears about it (PRODUCT §7)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.catalog.reads import MOST_UNITS, Read, meant, only, unclear
from omnichannel.locations.switches import may_type, not_typed
from omnichannel.web.scans import Outcome

from .. import actions
from ..actions.observing import OLDEST
from ..models import CountZone, Observation, ZoneSession
from .phone_running import Running, running
from .phone_scope import work_of


class Taken(NamedTuple):
    outcomes: list[Outcome]
    running: Running


def take_scans(session: ZoneSession, reads: Sequence[Read], by: User) -> Taken:
    """Keep the scans, each once, and say of every one what became of it.

    Raises:
        ActionError: the zone is somebody else's; nothing was kept.
    """
    reads = list({read.key: read for read in reads}.values())
    keys = [str(read.key) for read in reads]
    of_session = Observation.objects.filter(session=session, key__in=keys)
    # What a code means may have changed since it was written down; then the first meaning stays.
    known = set(of_session.values_list("key", flat=True))
    means = {read.key: meant(read.code, read.product_id) for read in reads}
    refused = dict(refusals(session, reads, means, known))
    new = [read for read in reads if str(read.key) not in known and read.key not in refused]
    if new:
        with transaction.atomic(durable=True):
            actions.observe(
                pk=session.pk, seen=[seen(read, means[read.key]) for read in new], by=by
            )
    late = set(of_session.filter(is_late=True).values_list("key", flat=True))
    now = running(session)
    outcomes = [outcome(session, read, means[read.key], refused, late, now) for read in reads]
    return Taken(outcomes, now)


def seen(read: Read, found: Sequence[Product]) -> actions.Seen:
    product = only(found)
    age = (timezone.now() - read.at).total_seconds()
    return actions.Seen(
        key=str(read.key),
        quantity=read.quantity,
        age=min(max(age, 0.0), OLDEST),
        product_id=product.pk if product else None,
        code=read.code,
    )


def refusals(
    session: ZoneSession,
    reads: Iterable[Read],
    means: dict[UUID, list[Product]],
    known: set[str],
) -> Iterable[tuple[UUID, str]]:
    """What is not kept, and why."""
    wanted, types = session.product, may_type(work_of(session.count))
    for read in reads:
        if str(read.key) in known:
            continue
        found = means[read.key]
        if not read.code:
            yield read.key, _("No code was read. Scan again.")
        elif abs(read.quantity) > MOST_UNITS:
            text = _("%(units)s is no quantity to count at once; the most is %(most)s.")
            yield read.key, text % {"units": read.quantity, "most": MOST_UNITS}
        elif abs(read.quantity) > 1 and not types:
            yield read.key, not_typed()
        elif wanted and (product := only(found)) != wanted:
            name = product.name if product else read.code
            text = _("%(other)s is not what is counted again here. Scan only %(product)s.")
            yield read.key, text % {"other": name, "product": wanted.name}
        elif not found and is_zone(session, read.code):
            text = _("%s is a zone. Complete this one first, then open that one.")
            yield read.key, text % read.code


def is_zone(session: ZoneSession, code: str) -> bool:
    """A zone's code that was read where products are scanned."""
    zones = CountZone.objects.filter(count=session.count_id, name=code)
    return session.count.is_full and zones.exists()


def outcome(
    session: ZoneSession,
    read: Read,
    found: Sequence[Product],
    refused: dict[UUID, str],
    late: set[str],
    now: Running,
) -> Outcome:
    if read.key in refused:
        return Outcome(read.key, "refused", refused[read.key])
    if str(read.key) in late:
        text = _("%s came after its zone was done. It is kept and shown, and not counted.")
        return Outcome(read.key, "miss", text % read.code)
    product = only(found)
    if product is None:
        return unclear(read.key, read.code, found)
    row = now.by_product.get(product.pk)
    words = {"product": product.name, "units": row.units if row else 0}
    if row and row.units < 0:
        text = _("%(product)s: %(units)s. More was taken back than counted.")
        return Outcome(read.key, "miss", text % words)
    if row and not row.is_listed:
        return Outcome(read.key, "miss", _("%(product)s is not on the list: %(units)s") % words)
    return Outcome(read.key, "hit", _("%(product)s: %(units)s") % words)
