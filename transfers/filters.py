"""What may be asked of the lists of this room (PRODUCT §3, §6)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, DateField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Now
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from asn.filters import places
from omnichannel.arrays import IsAny
from omnichannel.catalog.models import Product
from omnichannel.web.filters import (
    MOST_IDS,
    Choices,
    Conditions,
    DateRange,
    DayRange,
    FilterSet,
    NumberRange,
    OneOf,
    Search,
    Words,
)
from omnichannel.web.lookups import days_overdue

from .models import TransferOrder, TransferOrderLine, TransferTransaction

# The origin picks and ships, so its clock counts.
ZONE = "origin__time_zone"
NOT_DONE = Q(status__in=(TransferOrder.Status.OPEN, TransferOrder.Status.IN_PROGRESS))
# No store's calendar is a day away from this; what cannot be late is passed over unasked.
TOMORROW = Cast(Now() + timedelta(days=1), DateField())
OVERDUE = (
    NOT_DONE
    & Q(due_date__lte=TOMORROW)
    & Q(GreaterThan(days_overdue(ZONE, "due_date", "ordered_at", 0), 0))
)


class TransferSearch(Search):
    """Reference, parcel and tracking number exactly, else any part of the reference."""

    # What is meant exactly stands in other fields than the one that is looked through.
    most_exact = MOST_IDS

    def __init__(self) -> None:
        label = _("External reference, parcel or tracking number")
        super().__init__(through="", fields=["external_ref"], label=label)

    def ways(self, model: type[Model], text: str) -> Sequence[QuerySet]:
        parcels = TransferTransaction.objects.order_by()
        return (
            model._base_manager.order_by().filter(external_ref=text).values_list("pk"),
            parcels.filter(number=text).values_list("order_id"),
            parcels.filter(tracking_number=text).values_list("order_id"),
        )


class AtEitherEnd(OneOf):
    """Orders that leave or reach one of these places."""

    def __init__(self, label: Any) -> None:
        super().__init__(queryset=places, field_name="origin", label=label, group="country")

    def filter(self, rows: QuerySet, values: list[Model]) -> QuerySet:
        ids = [value.pk for value in values]
        return rows.filter(Q(origin__in=ids) | Q(destination__in=ids))


class OfProduct(Words):
    """Orders with a line of one of these products, by product ID."""

    def __init__(self) -> None:
        super().__init__(field_name="lines", label=_("Product ID"))

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        products = Product.objects.filter(product_id__in=values).values("pk")
        lines = TransferOrderLine.objects.filter(product__in=products).order_by()
        ids = list(lines.values_list("order", flat=True).distinct()[: MOST_IDS + 1])
        if len(ids) > MOST_IDS:
            return rows.filter(pk__in=lines.values("order"))
        # Known orders are looked up one by one, whatever else is asked of them.
        of = ArrayField(BigIntegerField())
        return rows.filter(IsAny(F("pk"), Value(ids, output_field=of)))


class TransferFilters(FilterSet):
    q = TransferSearch()
    reference = Words(field_name="external_ref", label=_("External Reference"))
    store = AtEitherEnd(_("Store"))
    origin = OneOf(queryset=places, field_name="origin", label=_("From"), group="country")
    destination = OneOf(queryset=places, field_name="destination", label=_("To"), group="country")
    status = Choices(field_name="status", label=_("Status"), choices=TransferOrder.Status)
    time = DateRange(field_name="ordered_at", zone=ZONE, label=_("Order Date"))
    due = DayRange(field_name="due_date", label=_("Due date"))
    state = Conditions(
        label=_("State"),
        conditions={
            "open": (_("Not done"), NOT_DONE),
            "overdue": (_("Overdue"), OVERDUE),
            # What is done sets nothing aside.
            "aside": (_("Units set aside"), NOT_DONE & Q(reserved_total__gt=0)),
        },
    )
    product = OfProduct()
    ordered = NumberRange(field_name="ordered_total", label=_("Ordered"))
