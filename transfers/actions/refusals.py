"""What acts on transfers refuse, so that an edge can tell which it was."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError, TransitionNotAllowed

from ..models import TransferOrder, TransferTransaction


class OrderAlreadyExists(ActionError):
    """The reference is taken; `is_same` when that order says the same as this one did."""

    def __init__(self, message: str, order: TransferOrder, is_same: bool) -> None:
        super().__init__(message)
        self.order, self.is_same = order, is_same


class OrderClosed(TransitionNotAllowed):
    """All of it shipped, or somebody closed it; the text says who and when."""


class StaleRevision(TransitionNotAllowed):
    """What the person looked at has changed since."""


class ParcelReady(TransitionNotAllowed):
    """`parcel` is ready for handover, and must be shipped or unpacked first."""

    def __init__(self, message: str, parcel: TransferTransaction) -> None:
        super().__init__(message)
        self.parcel = parcel


class MoreThanOrdered(ActionError):
    """`excess` holds (product id, units still to ship, units asked)."""

    def __init__(self, message: str, excess: list[tuple[int, int, int]]) -> None:
        super().__init__(message)
        self.excess = excess


def refuse_final(order: TransferOrder) -> None:
    """
    Raises:
        OrderClosed
    """
    if not order.is_final or order.closed_at is None:
        return
    words = {
        "order": order,
        "when": f"{timezone.localtime(order.closed_at):%Y-%m-%d %H:%M} UTC",
        "who": order.closed_associate_id,
        "transferred": order.transferred_total,
        "ordered": order.ordered_total,
    }
    if order.status == TransferOrder.Status.CLOSED:
        text = _(
            "%(order)s was closed on %(when)s by %(who)s, with %(transferred)s of %(ordered)s "
            "units shipped. Nothing more ships against it; make a new transfer order."
        )
    else:
        text = _(
            "%(order)s was completed on %(when)s when %(who)s shipped the last of its "
            "%(ordered)s units. Nothing more ships against it; make a new transfer order."
        )
    raise OrderClosed(text % words)


def refuse_stale(document: TransferOrder | TransferTransaction, revision: int | None) -> None:
    """
    Raises:
        StaleRevision
    """
    if revision is not None and revision != document.revision:
        raise StaleRevision(
            _("%(document)s has changed since you opened it: it is %(status)s now. Look again.")
            % {"document": document, "status": document.get_status_display()}
        )


def refuse_gone(parcel: TransferTransaction) -> None:
    """
    Raises:
        TransitionNotAllowed: it was shipped or unpacked.
    """
    when = parcel.shipped_at or parcel.unpacked_at
    if parcel.is_final and when:
        raise TransitionNotAllowed(
            _("%(parcel)s is %(status)s since %(when)s.")
            % {
                "parcel": parcel,
                "status": parcel.get_status_display(),
                "when": f"{timezone.localtime(when):%Y-%m-%d %H:%M} UTC",
            }
        )


def too_many(
    excess: list[tuple[int, int, int]], names: Mapping[int, str], order: TransferOrder
) -> MoreThanOrdered:
    text = "; ".join(
        _("%(product)s: %(asked)s packed, %(left)s still to ship")
        % {"product": names.get(pk, pk), "asked": asked, "left": left}
        for pk, left, asked in excess
    )
    return MoreThanOrdered(
        _("More than %(order)s asks for: %(text)s. Take them out, or make another order.")
        % {"order": order, "text": text},
        excess,
    )
