"""What is promised: to a customer who comes for it, and to orders (CONTRACT §4.4, §4.5)."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from omnichannel.catalog.models import Product
from omnichannel.locations.models import DocumentScopedQuerySet, FulfillmentLocation

from .stock import key_to


class CustomerReservationQuerySet(DocumentScopedQuerySet):
    def expired(self) -> "CustomerReservationQuerySet":
        """Past their time and still set aside: nobody has released them (PRODUCT §9)."""
        return self.filter(status=CustomerReservation.Status.RESERVED, expires_at__lte=Now())


class CustomerReservation(models.Model):
    """Units of a store that are set aside for a customer, one item for each unit.

    An item that is RESERVED stands in `_customer_reservations`. The time passing moves nothing:
    who put the goods aside puts them back, and says so.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Pending")
        RESERVED = "RESERVED", _("Reserved")
        CONVERTED = "CONVERTED", _("Converted")
        UNRESERVED = "UNRESERVED", _("Unreserved")
        REJECTED = "REJECTED", _("Rejected")

    TRANSITIONS = {
        Status.PENDING: (Status.RESERVED, Status.REJECTED),
        Status.RESERVED: (Status.CONVERTED, Status.UNRESERVED),
        Status.CONVERTED: (),
        Status.UNRESERVED: (),
        Status.REJECTED: (),
    }
    OPEN = (Status.PENDING, Status.RESERVED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Short enough to be told at a desk; the contract's `external_id` and `display_id`.
    external_id = models.CharField(_("ID"), max_length=32, unique=True, db_collation="C")
    customer_profile_id = models.CharField(_("customer"), max_length=256, db_collation="C")
    location = key_to(FulfillmentLocation, verbose_name=_("store"))
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")
    by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("user"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status)
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("updated"), db_default=Now())
    # When the beat found it past its time and told so.
    noticed_at = models.DateTimeField(_("expiry noticed"), null=True, editable=False)
    operation_key = models.CharField(max_length=200, unique=True, db_collation="C", editable=False)

    objects = CustomerReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="reservation_by_time"),
            models.Index(fields=["location", "-created_at", "-id"], name="reservation_by_store"),
            models.Index(fields=["status", "-created_at", "-id"], name="reservation_by_status"),
            models.Index(fields=["customer_profile_id"], name="reservation_by_customer"),
            models.Index(
                fields=["expires_at"],
                condition=Q(status="RESERVED"),
                name="reservation_expiring",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class CustomerReservationItem(models.Model):
    """One unit of a product; `cart_id` is the basket into which it was sold."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reservation = models.ForeignKey(
        CustomerReservation, models.CASCADE, related_name="items", verbose_name=_("reservation")
    )
    position = models.PositiveSmallIntegerField()
    product = key_to(Product, verbose_name=_("product"))
    status = models.CharField(_("status"), max_length=10, choices=CustomerReservation.Status)
    cart_id = models.CharField(_("cart"), max_length=256, blank=True, db_collation="C")
    updated_at = models.DateTimeField(_("updated"), db_default=Now())

    class Meta:
        verbose_name = _("reserved item")
        verbose_name_plural = _("reserved items")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "position"], name="reserved_item_once_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reservation} {self.position}"


class AllocationQuerySet(DocumentScopedQuerySet):
    def open(self) -> "AllocationQuerySet":
        return self.filter(state__in=Allocation.OPEN)


class Allocation(models.Model):
    """One item of an order that a location has promised: one unit of one product.

    SOFT is earmarked before routing and ends at `expires_at`; HARD belongs to a routed order and
    ends when the item leaves or fails; FUTURE is a HARD one on goods that have not come yet. A
    PACKED item still stands in `main`. Ended rows are what is left to read.
    """

    class Kind(models.TextChoices):
        SOFT = "SOFT", _("Reservation")
        HARD = "HARD", _("Allocation")
        FUTURE = "FUTURE", _("Future allocation")

    class State(models.TextChoices):
        ALLOCATED = "ALLOCATED", _("Allocated")
        PACKED = "PACKED", _("Packed")
        COMPLETED = "COMPLETED", _("Completed")
        FAILED = "FAILED", _("Failed")
        RELEASED = "RELEASED", _("Released")
        EXPIRED = "EXPIRED", _("Expired")

    TRANSITIONS = {
        State.ALLOCATED: (
            State.PACKED,
            State.COMPLETED,
            State.FAILED,
            State.RELEASED,
            State.EXPIRED,
        ),
        State.PACKED: (State.ALLOCATED, State.COMPLETED, State.FAILED, State.RELEASED),
        State.COMPLETED: (),
        State.FAILED: (),
        State.RELEASED: (),
        State.EXPIRED: (),
    }
    OPEN = (State.ALLOCATED, State.PACKED)

    order_uuid = models.UUIDField(_("order"))
    item_uuid = models.UUIDField(_("item"))
    location = key_to(FulfillmentLocation, verbose_name=_("location"))
    product = key_to(Product, verbose_name=_("product"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ALLOCATED)
    # Of the fulfilment request it belongs to, which lies in the room above.
    request_uuid = models.UUIDField(_("fulfilment request"), null=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = AllocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["location", "product", "id"],
                condition=Q(state__in=("ALLOCATED", "PACKED")),
                name="allocation_open",
            ),
            models.Index(fields=["order_uuid", "item_uuid"], name="allocation_by_order"),
            models.Index(
                fields=["request_uuid"],
                condition=Q(request_uuid__isnull=False),
                name="allocation_by_request",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(kind="SOFT", state="ALLOCATED"),
                name="allocation_expiring",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order_uuid", "item_uuid"],
                condition=Q(state__in=("ALLOCATED", "PACKED")),
                name="item_promised_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="SOFT", expires_at__isnull=False)
                | (~Q(kind="SOFT") & Q(expires_at__isnull=True)),
                name="soft_allocation_expires",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("ALLOCATED", "PACKED"), ended_at__isnull=True)
                | (~Q(state__in=("ALLOCATED", "PACKED")) & Q(ended_at__isnull=False)),
                name="ended_allocation_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_uuid} {self.item_uuid}"
