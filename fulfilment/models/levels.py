"""What is known of a product in a location beside its stock on hand (PRODUCT §1, §9)."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models import MAX_QUANTITY, ThisTransaction, WrittenIn, key_to
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, StockScopedQuerySet

# What changes the availability; `last_import_at` only tells when.
DECIDING = (
    "safety_stock",
    "allocated",
    "soft_reserved",
    "future_quantity",
    "future_date",
    "future_allocated",
    "mispicked_at",
)


def in_range(name: str) -> models.CheckConstraint:
    limits = {f"{name}__gte": 0, f"{name}__lte": MAX_QUANTITY}
    return models.CheckConstraint(condition=Q(**limits), name=f"{name}_in_range")


class StockLevel(models.Model):
    """The facts of one product in one location; a row exists once there is one.

    Its stock on hand is the ledger's. A row here has a row in `main` there, made by
    `availability.facts.open_levels`, so that lists walk the one index of stock. `allocated` counts
    open HARD allocations, packed ones too, `soft_reserved` open SOFT, `future_allocated` open
    FUTURE ones; whoever changes those rows changes the number in the same transaction, under the
    lock of this row. Rows are never deleted: a delta would not know of it.
    """

    pk = models.CompositePrimaryKey("location_id", "product_id")
    location = key_to(FulfillmentLocation, verbose_name=_("location"))
    product = key_to(Product, verbose_name=_("product"))
    # Empty: the location's own number counts.
    safety_stock = models.IntegerField(_("safety stock"), null=True)
    allocated = models.IntegerField(_("allocated"), default=0, db_default=0)
    soft_reserved = models.IntegerField(_("reserved"), default=0, db_default=0)
    future_quantity = models.IntegerField(_("future quantity"), default=0, db_default=0)
    future_date = models.DateField(_("future availability date"), null=True)
    future_allocated = models.IntegerField(_("future allocated"), default=0, db_default=0)
    # Counts until the stock is told anew: by a movement in `main` that is no promise and no
    # shipment, with an id above `mispicked_after`; or emptied by an import that names the product.
    mispicked_at = models.DateTimeField(_("last mispick"), null=True)
    mispicked_after = models.BigIntegerField(default=0, db_default=0, editable=False)
    last_import_at = models.DateTimeField(_("last stock import"), null=True)
    written_in = WrittenIn(null=True, db_default=ThisTransaction(), editable=False)

    objects = StockScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        default_permissions = ()
        indexes = [
            models.Index(fields=["product", "location"], name="level_by_product"),
            models.Index(fields=["written_in"], name="level_by_writer"),
            models.Index(
                fields=["location", "product"],
                condition=Q(mispicked_at__isnull=False),
                name="level_mispicked",
            ),
        ]
        constraints = [
            in_range("safety_stock"),
            in_range("allocated"),
            in_range("soft_reserved"),
            in_range("future_quantity"),
            in_range("future_allocated"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="level_tells_its_writer",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*DECIDING),
                func="NEW.written_in = pg_current_xact_id(); RETURN NEW;",
            ),
            pgtrigger.Protect(name="level_stays", operation=pgtrigger.Delete),
        ]


class LocationAvailability(models.Model):
    """What counts for all products of a location; without a row nothing is held back."""

    location = models.OneToOneField(
        FulfillmentLocation,
        models.CASCADE,
        primary_key=True,
        related_name="availability",
        verbose_name=_("location"),
    )
    safety_stock = models.IntegerField(_("safety stock"), default=0, db_default=0)
    last_import_at = models.DateTimeField(_("last stock import"), null=True)

    class Meta:
        verbose_name = _("availability of a location")
        verbose_name_plural = _("availability of locations")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(safety_stock__gte=0, safety_stock__lte=MAX_QUANTITY),
                name="safety_stock_of_location_in_range",
            )
        ]

    def __str__(self) -> str:
        return str(self.location)


class Availability(models.Model):
    """What may be promised of a product in a location: a database view over stock and facts.

    One row for each row of stock in `main`. `on_hand` is as it is; the three ATP are never below
    0, and 0 in a location that is switched off. A mispicked product has no current ATP until its
    stock is told anew; `mispicked_at` is empty again from then on.
    """

    pk = models.CompositePrimaryKey("location_id", "product_id")
    location = key_to(FulfillmentLocation, db_constraint=False)
    product = key_to(Product, db_constraint=False)
    on_hand = models.IntegerField(_("in stock"))
    soft_reserved = models.IntegerField(_("reserved"))
    allocated = models.IntegerField(_("allocated"))
    safety_stock = models.IntegerField(_("safety stock"))
    current_atp = models.IntegerField(_("current ATP"))
    future_atp = models.IntegerField(_("future ATP"))
    future_date = models.DateField(_("future availability date"), null=True)
    total_atp = models.IntegerField(_("total ATP"))
    last_import_at = models.DateTimeField(_("last stock import"), null=True)
    mispicked_at = models.DateTimeField(_("last mispick"), null=True)

    objects = StockScopedQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "fulfilment_availability"
        default_permissions = ()
