"""What may be asked of the lists of this room (PRODUCT §3, §7)."""

from django.db.models import Q
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from inventory.filters import stock_location_filter, store_filter
from omnichannel.web.filters import (
    Choices,
    Conditions,
    DayRange,
    FilterSet,
    Search,
    Words,
)
from omnichannel.web.lookups import days_overdue

from .models import Count

IS_OPEN = Q(status__in=Count.OPEN)
OVERDUE = IS_OPEN & Q(
    GreaterThan(days_overdue("location__time_zone", "due_date", "created_at", 0), 0)
)


class CountFilters(FilterSet):
    q = Search(
        through="", fields=["name", "external_id"], exact=["external_id"], label=_("Name or ID")
    )
    store = store_filter()
    type = Choices(field_name="type", label=_("Type"), choices=Count.Type)
    status = Choices(field_name="status", label=_("Status"), choices=Count.Status)
    due = DayRange(field_name="due_date", label=_("Due date"))
    stock_location = stock_location_filter()
    state = Conditions(
        label=_("State"),
        conditions={
            "open": (_("Open"), IS_OPEN),
            "overdue": (_("Overdue"), OVERDUE),
            "activating": (
                _("Being activated"),
                Q(status=Count.Status.PENDING, activation_requested_at__isnull=False),
            ),
            "blind": (_("Blind"), Q(is_blind=True)),
        },
    )
    external_id = Words(field_name="external_id", label=_("External ID"))
