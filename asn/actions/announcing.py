"""A partner's message is read as notices of ours, and each becomes an ASN (PRODUCT §6)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.imports.edi.acting import Meant
from omnichannel.imports.edi.papers import LONGEST, Clock, Finding, Paper, Party
from omnichannel.locations.models import FulfillmentLocation

from ..edi.notice import Notice
from ..models import Asn
from .creating import Expected, create_asn
from .ends import Ends, named
from .matching import Match, known_products, match
from .refusals import AsnAlreadyExists


class Beside(NamedTuple):
    """What a person told beside the message, for where it names no location of ours: IDs."""

    origin: str = ""
    destination: str = ""

    @classmethod
    def among(cls, options: Mapping[str, str]) -> Self:
        return cls(**{name: options.get(name, "") for name in cls._fields})


class Announcing:
    """Reads the notices of one file for one person, who announces to his own locations only."""

    lock = 7_406_014
    wanted = gettext_lazy("despatch advice (X12 856 or EDIFACT DESADV)")

    def __init__(self, by: User | None, beside: Beside, reference: str) -> None:
        """
        Args:
            reference: of the import, kept with every ASN.
        """
        self.ends, self.beside, self.reference = Ends(by), beside, reference

    def read(self, notice: Notice) -> Meant:
        errors = [*notice.errors, *too_long(notice)]
        told = self.beside.destination
        destination = self.ends.find(notice.receivers, told, acts_there=True)
        if destination is None:
            errors.append(lacking(notice, notice.receivers, told, is_destination=True))
        origin = self.ends.find(notice.senders, self.beside.origin, acts_there=False)
        if origin is None:
            errors.append(lacking(notice, notice.senders, self.beside.origin, is_destination=False))
        lines = expected(notice, errors)
        if errors or not (origin and destination and notice.shipped):
            return Meant({}, errors, notice.warnings)
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
        return Meant(values, [], notice.warnings)

    def do(self, values: dict[str, Any]) -> int | None:
        asn = announce(values)
        return 1 + asn.lines.count() if asn else None

    def known(self, notice: Notice) -> str:
        text = _(
            "asn_already_exists: %s was announced before and says the same. It is left as it is."
        )
        return text % notice.number

    def refusal(self, refused: ActionError) -> str:
        is_taken = isinstance(refused, AsnAlreadyExists)
        return f"asn_already_exists: {refused}" if is_taken else str(refused)


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


def expected(notice: Paper, errors: list[Finding]) -> list[Expected]:
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


def lacking(
    notice: Notice, parties: Sequence[Party], told: str, *, is_destination: bool
) -> Finding:
    if is_destination:
        cause = _("It leads to no location of ours for you to act in: %s.")
        fix = _("Choose the destination beside the file, or ask for access to it.")
    else:
        cause = _("Its sender is no location of ours: %s.")
        fix = _("Choose beside the file from where it comes.")
    where = parties[0] if parties else notice
    code = parties[0].id if parties else ""
    return Finding(where.segment, where.tag, code, cause % named(parties, told), fix)


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
