"""A partner's message is read as notices of ours, and each becomes an ASN (PRODUCT §6)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation

from ..edi.notice import LONGEST, Clock, Finding, Notice, Party
from ..models import Asn
from .creating import Expected, create_asn
from .matching import Match, known_products, match
from .refusals import AsnAlreadyExists


class Beside(NamedTuple):
    """What a person told beside the message, for where it names no location of ours: IDs."""

    origin: str = ""
    destination: str = ""


class Announced(NamedTuple):
    """`values` are what `create_asn` is called with; empty where `errors` forbid it."""

    values: dict[str, Any]
    errors: list[Finding]
    warnings: list[Finding]


class Announcing:
    """Reads the notices of one file for one person, who announces to his own locations only."""

    def __init__(self, by: User | None, beside: Beside, reference: str) -> None:
        """
        Args:
            reference: of the import, kept with every ASN.
        """
        self.by, self.beside, self.reference = by, beside, reference
        self.places: dict[tuple[str, bool], FulfillmentLocation | None] = {}

    def read(self, notice: Notice) -> Announced:
        """What the notice means here, with everything that is wrong with it. Writes nothing."""
        errors = [*notice.errors, *too_long(notice)]
        destination = self.end_of(notice, notice.receivers, True, errors)
        origin = self.end_of(notice, notice.senders, False, errors)
        lines = expected(notice, errors)
        if errors or not (origin and destination and notice.shipped):
            return Announced({}, errors, notice.warnings)
        values = {
            "origin_id": origin.pk,
            "destination_id": destination.pk,
            "shipped_at": in_utc(notice.shipped, origin),
            "lines": lines,
            "source": Asn.Source.FILE,
            "number": notice.number,
            "po_number": notice.po_number,
            "order_ids": notice.order_ids,
            "expected_date": notice.expected_date,
            "import_reference": self.reference,
        }
        return Announced(values, [], notice.warnings)

    def end_of(
        self,
        notice: Notice,
        parties: Sequence[Party],
        is_destination: bool,
        errors: list[Finding],
    ) -> FulfillmentLocation | None:
        """The location that the message names, or else the one that was told beside it."""
        told = self.beside.destination if is_destination else self.beside.origin
        for text in [*(party.id for party in parties), told]:
            if text and (found := self.place(text, is_destination)):
                return found
        errors.append(lacking(notice, parties, told, is_destination))
        return None

    def place(self, text: str, is_destination: bool) -> FulfillmentLocation | None:
        """By location ID or store ID, as the API asks; a destination only where the person acts."""
        key = text, is_destination
        if key not in self.places:
            rows = FulfillmentLocation.objects.all()
            if is_destination:
                rows = rows.acted_for_by(self.by) if self.by else rows.none()
            self.places[key] = rows.filter(Q(code=text) | Q(store_id=text)).first()
        return self.places[key]


def announce(values: dict[str, Any]) -> Asn | None:
    """Create the ASN; None where the same message has created it before.

    Raises:
        AsnAlreadyExists: the number is taken by a notice that says something else.
        ActionError: as `create_asn`.
    """
    try:
        return create_asn(**values)
    except AsnAlreadyExists as known:
        if known.is_same:
            return None
        raise


def expected(notice: Notice, errors: list[Finding]) -> list[Expected]:
    """The lines with our products; what is not in the catalogue is named, each code once."""
    known = known_products(notice.lines)
    found, told = [], set()
    for line in notice.lines:
        matched = match(line, known)
        if isinstance(matched, Match):
            product, raw_code = matched
            found.append(Expected(product.pk, line.quantity, line.carton, raw_code))
        elif (matched.code, matched.cause) not in told:
            told.add((matched.code, matched.cause))
            errors.append(matched)
    return found


def lacking(notice: Notice, parties: Sequence[Party], told: str, is_destination: bool) -> Finding:
    named = ", ".join(f"{party.role} {party.id or '–'} {party.name}".strip() for party in parties)
    shown = ", ".join(text for text in (named[:200], told[:64]) if text) or "–"
    if is_destination:
        cause = _("It leads to no location of ours for you to act in: %s.") % shown
        fix = _("Choose the destination beside the file, or ask for access to it.")
    else:
        cause = _("Its sender is no location of ours: %s.") % shown
        fix = _("Choose beside the file from where it comes.")
    where = parties[0] if parties else notice
    return Finding(where.segment, where.tag, parties[0].id if parties else "", cause, fix)


def too_long(notice: Notice) -> list[Finding]:
    """What the database has no room for; a code of that length means no product anyway."""
    cartons = ((line.carton, line.segment, line.tag) for line in notice.lines)
    heads = (notice.number, notice.po_number, *notice.order_ids)
    texts = [*((text, notice.segment, notice.tag) for text in heads), *cartons]
    cause = _("An ID has more than %d characters.") % LONGEST
    return [
        Finding(segment, tag, text[:LONGEST], cause)
        for text, segment, tag in texts
        if len(text) > LONGEST
    ]


def in_utc(clock: Clock, origin: FulfillmentLocation) -> datetime:
    """Without a zone it is the time on the sender's wall."""
    zone = UTC if clock.is_utc else ZoneInfo(origin.time_zone)
    return clock.at.replace(tzinfo=zone).astimezone(UTC)


def refusal(notice: Notice, refused: ActionError) -> Finding:
    """A refusal of the act, at the notice that it is about."""
    text = str(refused)
    if isinstance(refused, AsnAlreadyExists):
        text = f"asn_already_exists: {text}"
    return Finding(notice.segment, notice.tag, notice.number, text)
