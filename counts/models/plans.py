import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from inventory.models import key_to
from omnichannel.locations.models import (
    DocumentScopedQuerySet,
    FulfillmentLocation,
    StockLocation,
)

from .documents import Count, key_to_user


class CountPlan(models.Model):
    """A cycle count that comes again every so many days, of products chosen anew each time."""

    class Choice(models.TextChoices):
        A = "A", _("ABC class A")
        B = "B", _("ABC class B")
        C = "C", _("ABC class C")
        NEGATIVE = "NEGATIVE", _("Negative stock")
        LONGEST = "LONGEST", _("Longest not counted")

    LONGEST_REST = 365
    MOST_PRODUCTS = 2_000

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    location = key_to(FulfillmentLocation, verbose_name=_("store"))
    stock_location = key_to(StockLocation, verbose_name=_("stock location"))
    choice = models.CharField(_("products"), max_length=8, choices=Choice)
    every_days = models.PositiveSmallIntegerField(
        _("every so many days"),
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_REST)],
    )
    most_products = models.PositiveSmallIntegerField(
        _("products at most"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PRODUCTS)],
    )
    is_blind = models.BooleanField(_("blind"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # By the calendar of the store.
    next_on = models.DateField(_("next"))
    last_count = models.ForeignKey(
        Count, models.PROTECT, related_name="+", null=True, db_index=False
    )
    by = key_to_user(verbose_name=_("created by"))
    created_at = models.DateTimeField(_("created"), db_default=Now())

    objects = DocumentScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("recurring count")
        verbose_name_plural = _("recurring counts")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(every_days__gte=1, every_days__lte=365), name="count_plan_has_a_rhythm"
            ),
            models.CheckConstraint(
                condition=Q(most_products__gte=1, most_products__lte=2_000),
                name="count_plan_has_products",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_on", "id"], condition=Q(is_active=True), name="count_plan_due"
            )
        ]

    def __str__(self) -> str:
        return self.name
