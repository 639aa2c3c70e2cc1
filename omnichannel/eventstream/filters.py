"""What may be asked of the lists of the event stream."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from omnichannel.web.filters import Choices, Conditions, DateRange, FilterSet, OneOf, Words

from .models import Attempt, Delivery, Integration, LogEntry
from .names import INVENTORY

NAMES = [(name, name) for name in INVENTORY]


class UtcDays(DateRange):
    """Days of the universal clock: events belong to no store."""

    def __init__(self, *, field_name: str, label: Any) -> None:
        super().__init__(field_name=field_name, zone="zone", label=label)

    def filter(self, rows: QuerySet, value: slice) -> QuerySet:
        return super().filter(rows.alias(zone=Value("UTC")), value)


def some(state: str) -> Q:
    return Q(Exists(Delivery.objects.filter(event=OuterRef("pk"), state=state)))


def integration_filter(field_name: str = "integration") -> OneOf:
    return OneOf(
        queryset=registered,
        field_name=field_name,
        label=_("Integration"),
        code="name",
        text="name",
    )


def registered(request: HttpRequest) -> QuerySet:
    return Integration.objects.visible_to(request.user).order_by("name")


class IntegrationFilters(FilterSet):
    status = Choices(field_name="status", label=_("Status"), choices=Integration.Status)
    type = Choices(field_name="type", label=_("Type"), choices=Integration.Type)


class EventFilters(FilterSet):
    event = Choices(field_name="name", label=_("Event"), choices=NAMES)
    entity = Words(field_name="entity_id", label=_("Domain entity ID"))
    state = Conditions(
        label=_("Delivery"),
        conditions={
            "waiting": (_("Waiting"), some("PENDING")),
            "rejected": (_("Rejected"), some("REJECTED")),
            "expired": (_("Expired"), some("EXPIRED")),
        },
    )
    date = UtcDays(field_name="published_at", label=_("Published"))


class AttemptFilters(FilterSet):
    integration = integration_filter()
    status = Choices(field_name="status", label=_("Status"), choices=Attempt.Status)
    event = Choices(field_name="event__name", label=_("Event"), choices=NAMES)
    entity = Words(field_name="event__entity_id", label=_("Domain entity ID"))
    date = UtcDays(field_name="attempted_at", label=_("Attempted"))


class RejectedFilters(FilterSet):
    integration = integration_filter()
    event = Choices(field_name="event__name", label=_("Event"), choices=NAMES)


class LogFilters(FilterSet):
    integration = integration_filter()
    action = Choices(field_name="action", label=_("Action"), choices=LogEntry.Action)
