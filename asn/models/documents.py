"""The notice and its lines: what was shipped, and where every unit of it is now (PRODUCT §6)."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models import MAX_QUANTITY, key_to
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, TwoEndedQuerySet


class Fate(models.TextChoices):
    """What became of units that were not received here; one column of a line each."""

    DECIDE_LATER = "DECIDE_LATER", _("Decide later")
    NEVER_SHIPPED = "NEVER_SHIPPED", _("Never shipped")
    LOST = "LOST", _("Lost in transit")
    DAMAGED = "DAMAGED", _("Damaged in transit")
    ELSEWHERE = "ELSEWHERE", _("Arrived, received elsewhere")
    RETURN = "RETURN", _("Return to source")

    @property
    def column(self) -> str:
        return COLUMNS[self]


COLUMNS = {
    Fate.DECIDE_LATER: "in_transit",
    Fate.NEVER_SHIPPED: "never_shipped",
    Fate.LOST: "lost",
    Fate.DAMAGED: "damaged",
    Fate.ELSEWHERE: "received_elsewhere",
    Fate.RETURN: "returned",
}
# Per line and always: shipped + over-received = received + in transit + written off + returned,
# where shipped = expected - never shipped, received counts what was received elsewhere, and
# written off = lost + damaged (RELIABILITY I5).
BALANCE = Q(expected__exact=F("received") + F("received_elsewhere") + F("in_transit") + F("lost")
            + F("damaged") + F("returned") + F("never_shipped") - F("over_received"))  # fmt: skip


class AsnQuerySet(TwoEndedQuerySet):
    """Who is sent to receives and closes."""

    acting_end = "destination"


class Asn(models.Model):
    """A despatch advice: goods that left `origin` for `destination` at `shipped_at`.

    `number` is the sender's shipment reference, or ours where he gave none. `holder` is the
    location in whose `_in_transit` the goods stand; without one they left no stock of ours, and
    what is in transit stands on this document only.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        PARTIALLY_RECEIVED = "PARTIALLY_RECEIVED", _("Partially Received")
        CLOSED = "CLOSED", _("Closed")

    class Source(models.TextChoices):
        API = "API", _("API")
        FILE = "FILE", _("File")
        TRANSFER = "TRANSFER", _("Transfer")
        RETURN = "RETURN", _("Return to source")

    # Open and partially received follow from what was received, and a correction may take it back.
    TRANSITIONS = {
        Status.OPEN: (Status.PARTIALLY_RECEIVED, Status.CLOSED),
        Status.PARTIALLY_RECEIVED: (Status.OPEN, Status.CLOSED),
        Status.CLOSED: (),
    }

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("ASN number"), max_length=256, unique=True, db_collation="C")
    is_numbered_here = models.BooleanField(default=False)
    source = models.CharField(_("source"), max_length=8, choices=Source)
    status = models.CharField(_("status"), max_length=18, choices=Status, default=Status.OPEN)
    origin = key_to(FulfillmentLocation, verbose_name=_("from"))
    destination = key_to(FulfillmentLocation, verbose_name=_("to"))
    holder = key_to(FulfillmentLocation, null=True, verbose_name=_("held by"))
    shipped_at = models.DateTimeField(_("time"))
    expected_date = models.DateField(_("expected arrival"), null=True)
    po_number = models.CharField(
        _("purchase order"), max_length=256, blank=True, default="", db_collation="C"
    )
    order_ids = ArrayField(
        models.CharField(max_length=256, db_collation="C"), default=list, verbose_name=_("order ID")
    )
    note = models.TextField(_("note"), blank=True, default="")
    import_reference = models.CharField(
        _("import"), max_length=256, blank=True, default="", db_collation="C"
    )
    returns = models.ForeignKey(
        "self", models.PROTECT, related_name="returned_by", null=True, verbose_name=_("returns")
    )
    revision = models.IntegerField(_("revision"), default=1)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))
    # Of the lines, so that a list joins none; `verify_ledger` compares them.
    product_count = models.IntegerField(_("products"))
    expected_total = models.BigIntegerField(_("items"))
    received_total = models.BigIntegerField(_("received"), default=0)
    received_products = models.IntegerField(_("products received"), default=0)
    in_transit_total = models.BigIntegerField(_("in transit"))
    first_received_at = models.DateTimeField(_("first received"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    is_force_closed = models.BooleanField(_("force closed"), default=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("closed by"),
    )
    closed_associate_id = models.CharField(
        _("closed by"), max_length=128, blank=True, default="", db_collation="C"
    )
    # Of the act that closed it: the same act again is told what it did.
    closing_key = models.CharField(
        max_length=200, blank=True, default="", db_collation="C", editable=False
    )

    objects = AsnQuerySet.as_manager()

    class Meta:
        verbose_name = _("ASN")
        verbose_name_plural = _("ASNs")
        default_permissions = ()
        indexes = [
            models.Index(fields=["shipped_at", "id"], name="asn_by_time"),
            models.Index(fields=["destination", "shipped_at", "id"], name="asn_by_destination"),
            models.Index(fields=["origin", "shipped_at", "id"], name="asn_by_origin"),
            models.Index(
                fields=["destination", "origin", "shipped_at", "id"], name="asn_by_both_ends"
            ),
            models.Index(fields=["status", "shipped_at", "id"], name="asn_by_status"),
            models.Index(
                fields=["destination", "status", "shipped_at", "id"], name="asn_by_place_and_status"
            ),
            models.Index(fields=["updated_at", "id"], name="asn_by_update"),
            models.Index(
                fields=["origin", "destination"],
                condition=Q(in_transit_total__gt=0),
                name="asn_in_transit",
            ),
            # The few that a manager looks for among many that are done, in the order of their lists.
            models.Index(
                fields=["shipped_at", "id"],
                condition=Q(status__in=["OPEN", "PARTIALLY_RECEIVED"]),
                name="asn_not_closed",
            ),
            models.Index(
                fields=["shipped_at", "id"],
                condition=Q(in_transit_total__gt=0),
                name="asn_under_way",
            ),
            models.Index(
                fields=["shipped_at", "id"], condition=Q(is_force_closed=True), name="asn_forced"
            ),
            models.Index(fields=["po_number"], condition=~Q(po_number=""), name="asn_by_po"),
            models.Index(
                fields=["import_reference"],
                condition=~Q(import_reference=""),
                name="asn_by_import",
            ),
            GinIndex(fields=["order_ids"], name="asn_by_order"),
            GinIndex(OpClass(F("number"), "gin_trgm_ops"), name="asn_number_trigrams"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="CLOSED", closed_at__isnull=False)
                | (~Q(status="CLOSED") & Q(closed_at__isnull=True)),
                name="asn_closed_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(received_total__gte=0, in_transit_total__gte=0, expected_total__gte=0),
                name="asn_totals_not_negative",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="asn_stays_closed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="CLOSED") & ~pgtrigger.Q(new__status="CLOSED"),
            ),
        ]

    def __str__(self) -> str:
        return f"ASN {self.number}"

    @property
    def shipment_ref(self) -> str | None:
        """The sender's own word, which the stream repeats as it came (CONTRACT §9)."""
        return None if self.is_numbered_here else self.number

    @property
    def order_ref(self) -> str | None:
        return ", ".join(self.order_ids) or None

    @property
    def is_closed(self) -> bool:
        return self.status == self.Status.CLOSED


class AsnLine(models.Model):
    """One product in one carton (or in none): units, and where they are. See BALANCE.

    Written by `asn.receiving` only. `raw_code` is what a message said where we read it otherwise.
    """

    asn = models.ForeignKey(Asn, models.PROTECT, related_name="lines", db_index=False)
    product = key_to(Product)
    carton_id = models.CharField(
        _("carton"), max_length=256, blank=True, default="", db_collation="C"
    )
    raw_code = models.CharField(_("code as sent"), max_length=256, blank=True, default="")
    expected = models.IntegerField(_("expected"))
    received = models.IntegerField(_("received"), default=0)
    over_received = models.IntegerField(_("over-received"), default=0)
    received_elsewhere = models.IntegerField(_("received elsewhere"), default=0)
    in_transit = models.IntegerField(_("in transit"))
    never_shipped = models.IntegerField(_("never shipped"), default=0)
    lost = models.IntegerField(_("lost"), default=0)
    damaged = models.IntegerField(_("damaged"), default=0)
    returned = models.IntegerField(_("returned"), default=0)

    class Meta:
        verbose_name = _("ASN line")
        verbose_name_plural = _("ASN lines")
        default_permissions = ()
        indexes = [
            models.Index(fields=["product", "asn"], name="asn_line_by_product"),
            models.Index(
                fields=["carton_id"], condition=~Q(carton_id=""), name="asn_line_by_carton"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["asn", "product", "carton_id"], name="asn_line_once_per_carton"
            ),
            models.CheckConstraint(condition=BALANCE, name="asn_line_balance"),
            models.CheckConstraint(
                condition=Q(
                    received__gte=0,
                    over_received__gte=0,
                    received_elsewhere__gte=0,
                    in_transit__gte=0,
                    never_shipped__gte=0,
                    lost__gte=0,
                    damaged__gte=0,
                    returned__gte=0,
                ),
                name="asn_line_nothing_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(
                    expected__gte=0, expected__lte=MAX_QUANTITY, received__lte=MAX_QUANTITY
                ),
                name="asn_line_quantity_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asn_id} {self.product_id} {self.carton_id}".strip()

    @property
    def variance(self) -> int:
        """Received - expected (RELIABILITY I6)."""
        return self.received - self.expected

    @property
    def is_unexpected(self) -> bool:
        return self.expected == 0

    @property
    def shipped(self) -> int:
        return self.expected - self.never_shipped

    @property
    def written_off(self) -> int:
        return self.lost + self.damaged

    @property
    def remainder(self) -> int:
        """Units that are neither received nor decided about."""
        return self.in_transit
