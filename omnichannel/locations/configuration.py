"""What was decided for all stores at once (CONTRACT §4, §4.6)."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

EVERYWHERE = "*"
MANUAL = tuple(
    f"allow_{work}_manual_quantity_editing"
    for work in ("adjustments", "counts", "full_counts", "receiving", "transfers")
)
STORES = tuple(
    f"enabled_{work}_stores"
    for work in (
        "adjustments",
        "carton_receiving",
        "counts",
        "full_counts",
        "receiving",
        "receiving_without_asn",
        "reservations",
        "store_initiated_transfers",
        "transfers",
    )
)


def phone_defaults() -> dict[str, Any]:
    """Everything is allowed everywhere, and a scan needs no confirmation."""
    return {
        **dict.fromkeys(MANUAL, True),
        "require_confirmation_on_scanning": False,
        **{name: [EVERYWHERE] for name in STORES},
    }


class Configuration(models.Model):
    """The one row of decisions; without it the defaults count.

    `phone` holds the contract's fields of the associate app: which work may be typed instead of
    scanned, and the store ids that do which work, where "*" is all of them.
    """

    AUDITED_AS = ("configuration", "pk")
    THE_ONE = 1

    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    allow_asn_overreceiving = models.BooleanField(
        _("more than announced may be received"), default=True
    )
    create_cycle_count_after_mispack = models.BooleanField(
        _("count what was damaged at packing"), default=False
    )
    create_cycle_count_after_mispick = models.BooleanField(
        _("count what was not found at picking"), default=False
    )
    full_count_products_counted_before_trading = models.BooleanField(
        _("full counts end before the store opens"), default=False
    )
    phone = models.JSONField(_("work on the phone"), default=phone_defaults)
    # How long an order that is not routed yet keeps its items (CONTRACT §4.4).
    reservation_timeout_seconds = models.PositiveIntegerField(
        _("seconds until the reservation of an order ends"), default=900, db_default=900
    )
    reservation_timeout_at = models.DateTimeField(null=True, editable=False)
    # What customers come for themselves (CONTRACT §4.5).
    customer_reservation_minutes = models.PositiveIntegerField(
        _("minutes until the reservation of a customer ends"), default=1440, db_default=1440
    )
    send_accepted_emails = models.BooleanField(
        _("customers are told of accepted reservations"), default=False, db_default=False
    )
    send_rejected_emails = models.BooleanField(
        _("customers are told of rejected reservations"), default=False, db_default=False
    )

    class Meta:
        verbose_name = _("configuration")
        verbose_name_plural = _("configurations")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_configuration")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> Self:
        return cls.objects.filter(pk=cls.THE_ONE).first() or cls()

    @classmethod
    def locked(cls) -> Self:
        """For a change inside a transaction: the next one waits for this one."""
        cls.objects.bulk_create([cls()], ignore_conflicts=True)
        return cls.objects.select_for_update().get(pk=cls.THE_ONE)

    def may_type(self, work: str) -> bool:
        """Whether quantities may be typed; otherwise every unit is scanned."""
        return bool(self.phone[f"allow_{work}_manual_quantity_editing"])

    def allows(self, work: str, store_id: str) -> bool:
        """Whether a store does a work of STORES, as `enabled_counts_stores`."""
        stores = self.phone[work]
        return EVERYWHERE in stores or store_id in stores
