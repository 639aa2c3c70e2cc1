"""What may be asked of the lists of this room."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters import color_filter, product_search, size_filter, store_filter
from omnichannel.web.filters import (
    Choices,
    Conditions,
    DateRange,
    FilterSet,
    NumberRange,
    Words,
)

from .models import Mispick


class Uuids(Words):
    """Exact ids; what is none finds nothing."""

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        return super().filter(rows, [value for value in values if is_uuid(value)])


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class StockLevelFilters(FilterSet):
    q = product_search()
    store = store_filter()
    size = size_filter("product__size")
    color = color_filter("product__color")
    product = Words(field_name="product__product_id", label=_("Product ID"), hint="85123A, 22423")
    state = Conditions(
        label=_("State"),
        conditions={
            "available": (_("Available now"), Q(current_atp__gt=0)),
            "none": (_("Not available now"), Q(current_atp=0)),
            "held": (_("In stock, but not available"), Q(current_atp=0, on_hand__gt=0)),
            "future": (_("Expected"), Q(future_atp__gt=0)),
            "mispicked": (_("Mispicked"), Q(mispicked_at__isnull=False)),
            "safety": (_("With safety stock"), Q(safety_stock__gt=0)),
        },
    )
    atp = NumberRange(field_name="total_atp", label=_("Total ATP"))


class MispickFilters(FilterSet):
    q = product_search()
    store = store_filter()
    kind = Choices(field_name="kind", label=_("Kind"), choices=Mispick.Kind)
    order = Uuids(field_name="order_uuid", label=_("Order ID"))
    updated = DateRange(field_name="updated_at", zone="location__time_zone", label=_("Updated"))
    associate = Words(field_name="associate_id", label=_("Associate"))
