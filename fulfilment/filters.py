"""What may be asked of the lists of this room."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.filters import color_filter, product_search, size_filter, store_filter
from omnichannel.web.filters import (
    Choices,
    Conditions,
    DateRange,
    FilterSet,
    NumberRange,
    SplitWords,
    Words,
)

from .models import Mispick


class SplitUuids(SplitWords):
    def clean(self, value: Any) -> list[str]:
        found = super().clean(value)
        try:
            return [str(UUID(text)) for text in found]
        except ValueError as error:
            raise ValidationError(gettext("Give ids as they are shown in the list.")) from error


class Uuids(Words):
    """Exact ids; what is none is said and left out."""

    field_class = SplitUuids


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
