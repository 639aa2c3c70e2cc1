"""What may be asked of the lists of this room (PRODUCT §3, §6)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateField, Model, Q, QuerySet
from django.db.models.functions import Cast, Now
from django.db.models.lookups import GreaterThan
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.filters import (
    MOST_IDS,
    AnyOf,
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

from .models import Asn, AsnLine, Standing

ZONE = "destination__time_zone"
NOT_CLOSED = (Asn.Status.OPEN, Asn.Status.PARTIALLY_RECEIVED)
# No store's calendar is a day away from this; what cannot be overdue is passed over without asking
# for its clock.
TOMORROW = Cast(Now() + timedelta(days=1), DateField())
LONG_AGO = Now() - timedelta(days=settings.ASN_OVERDUE_DAYS - 1)
MAYBE_OVERDUE = Q(expected_date__lte=TOMORROW) | Q(
    expected_date__isnull=True, shipped_at__lte=LONG_AGO
)
OVERDUE = (
    Q(status__in=NOT_CLOSED)
    & MAYBE_OVERDUE
    & Q(
        GreaterThan(days_overdue(ZONE, "expected_date", "shipped_at", settings.ASN_OVERDUE_DAYS), 0)
    )
)


class AsnSearch(Search):
    """Number, order, purchase order and carton exactly, else any part of the number."""

    # What is meant exactly stands in other fields than the one that is looked through.
    most_exact = MOST_IDS

    def __init__(self) -> None:
        label = _("ASN number, order, purchase order or carton")
        super().__init__(through="", fields=["number"], label=label)

    def ways(self, model: type[Model], text: str) -> Sequence[QuerySet]:
        rows = model._base_manager.order_by()
        return (
            rows.filter(number=text).values_list("pk"),
            rows.filter(po_number=text).values_list("pk"),
            rows.filter(order_ids__contains=[text]).values_list("pk"),
            AsnLine.objects.filter(carton_id=text).values_list("asn_id"),
        )


def places(request: HttpRequest) -> QuerySet:
    """Both ends to choose from: what the asking user may see, and no more."""
    return FulfillmentLocation.objects.visible_to(request.user).order_by(
        "country_code", "name_key", "pk"
    )


def place_filter(
    field_name: str, label: Any, queryset: Callable[[HttpRequest], QuerySet] = places
) -> OneOf:
    return OneOf(queryset=queryset, field_name=field_name, label=label, group="country")


class AsnFilters(FilterSet):
    q = AsnSearch()
    store = place_filter("destination", _("To"))
    origin = place_filter("origin", _("From"))
    status = Choices(field_name="status", label=_("Status"), choices=Asn.Status)
    time = DateRange(field_name="shipped_at", zone=ZONE, label=_("Time"))
    due = DayRange(field_name="expected_date", label=_("Expected arrival"))
    state = Conditions(
        label=_("State"),
        conditions={
            "overdue": (_("Overdue"), OVERDUE),
            "forced": (_("Force closed"), Q(is_force_closed=True)),
            "undecided": (
                _("Closed, remainder undecided"),
                Q(status=Asn.Status.CLOSED, in_transit_total__gt=0),
            ),
        },
    )
    order = AnyOf(field_name="order_ids", label=_("Order ID"))
    po = Words(field_name="po_number", label=_("Purchase order"))
    items = NumberRange(field_name="expected_total", label=_("Items"))
    products = NumberRange(field_name="product_count", label=_("Products"))


class InTransitFilters(FilterSet):
    q = AsnSearch()
    store = place_filter("destination", _("To"))
    origin = place_filter("origin", _("From"))
    booked = Conditions(
        label=_("Booked"),
        conditions={one.value: (one.label, one.condition) for one in Standing},
    )
    status = Choices(field_name="status", label=_("Status"), choices=Asn.Status)
    shipped = DateRange(field_name="shipped_at", zone=ZONE, label=_("Shipped"))
    units = NumberRange(field_name="in_transit_total", label=_("Units"))
