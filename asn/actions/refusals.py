"""What acts on notices refuse, so that an edge can tell which it was."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError, TransitionNotAllowed

from ..models import Asn


class AsnAlreadyExists(ActionError):
    """The number is taken; `is_same` when that notice says the same as this one did."""

    def __init__(self, message: str, asn: Asn, is_same: bool) -> None:
        super().__init__(message)
        self.asn, self.is_same = asn, is_same


class AsnClosed(TransitionNotAllowed):
    """Somebody closed it, or all of it arrived; the text says who, when and how."""


class StaleRevision(TransitionNotAllowed):
    """What the person looked at has changed since."""


class AsnOffered(ActionError):
    """A blind receipt that could name one of `asns`; a reason is needed to go past them."""

    def __init__(self, message: str, asns: Sequence[Asn]) -> None:
        super().__init__(message)
        self.asns = list(asns)


class FateNeedsPermission(ActionError):
    """The decision moves stock, and he may not adjust any."""


def refuse_closed(asn: Asn) -> None:
    """
    Raises:
        AsnClosed
    """
    if not asn.is_closed or asn.closed_at is None:
        return
    words = {
        "asn": asn,
        "when": f"{timezone.localtime(asn.closed_at):%Y-%m-%d %H:%M} UTC",
        "who": asn.closed_associate_id,
        "received": asn.received_total,
        "expected": asn.expected_total,
    }
    if asn.is_force_closed:
        text = _(
            "%(asn)s was force closed on %(when)s by %(who)s, with %(received)s of "
            "%(expected)s units received. What arrives now is a late arrival."
        )
    else:
        text = _(
            "%(asn)s closed on %(when)s when %(who)s received the last of its %(expected)s units. "
            "What arrives now is a late arrival."
        )
    raise AsnClosed(text % words)


def refuse_stale(asn: Asn, revision: int | None) -> None:
    """
    Raises:
        StaleRevision
    """
    if revision is not None and revision != asn.revision:
        raise StaleRevision(
            _(
                "%(asn)s has changed since you opened it: %(received)s of %(expected)s units are "
                "received now. Look at it again."
            )
            % {"asn": asn, "received": asn.received_total, "expected": asn.expected_total}
        )
