"""What may be asked of the lists of the event stream."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from omnichannel.web.filters import Choices, DateRange, FilterSet, OneOf, Search, Words

from .models import Attempt, Delivery, Event, Integration, LogEntry
from .names import INVENTORY

NAMES = [(name, name) for name in INVENTORY]


class UtcDays(DateRange):
    """Days of the universal clock: events belong to no store."""

    def __init__(self, *, field_name: str, label: Any) -> None:
        super().__init__(field_name=field_name, zone="zone", label=label)

    def filter(self, rows: QuerySet, value: slice) -> QuerySet:
        return super().filter(rows.alias(zone=Value("UTC")), value)


class EventSearch(Search):
    """The id of a document or its beginning, or the message ID that stands in a receiver's log."""

    def __init__(self) -> None:
        super().__init__(
            through="", fields=["entity_id"], label=_("Domain entity ID or message ID")
        )

    def filter(self, rows: QuerySet, text: str) -> QuerySet:
        text = text.strip()
        found = rows.filter(entity_id__startswith=text)
        try:
            message_id = UUID(text)
        except ValueError:
            return found
        # Each by its own index; documents of ours are called by a UUID too.
        of_message = Event.objects.filter(uuid=message_id).values("pk")
        of_document = Event.objects.filter(entity_id=text).values("pk")
        return rows.filter(pk__in=of_message.union(of_document))


def deliveries(**asked: Any) -> Exists:
    return Exists(Delivery.objects.filter(event=OuterRef("pk"), **asked))


class ToldTo(OneOf):
    """Events for an integration; with a status, those that stand so at this very one."""

    def filter(self, rows: QuerySet, values: list[Any]) -> QuerySet:
        asked: dict[str, Any] = {"integration__in": [value.pk for value in values]}
        if states := self.parent.form.cleaned_data.get("state"):
            asked["state__in"] = states
        return rows.filter(deliveries(**asked))


class StandsAt(Choices):
    """Events that stand so at some registered integration."""

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        if self.parent.form.cleaned_data.get("integration"):
            return rows
        return rows.filter(deliveries(state__in=values, integration__deleted_at=None))


def integration_filter(kind: type[OneOf] = OneOf) -> OneOf:
    return kind(
        queryset=registered,
        field_name="integration",
        label=_("Integration"),
        code="name",
        text="name",
    )


def registered(request: HttpRequest) -> QuerySet:
    return Integration.objects.visible_to(request.user).order_by("name")


class IntegrationFilters(FilterSet):
    status = Choices(field_name="status", label=_("Status"), choices=Integration.Status)
    type = Choices(field_name="type", label=_("Type"), choices=Integration.Type)
    target = Choices(field_name="target", label=_("Target"), choices=Integration.Target)


class EventFilters(FilterSet):
    q = EventSearch()
    event = Choices(field_name="name", label=_("Event"), choices=NAMES)
    state = StandsAt(field_name="state", label=_("Status"), choices=Delivery.State)
    integration = integration_filter(ToldTo)
    entity = Words(field_name="entity_id", label=_("Domain entity ID"))
    date = UtcDays(field_name="published_at", label=_("Published (UTC)"))


class AttemptFilters(FilterSet):
    integration = integration_filter()
    status = Choices(field_name="status", label=_("Status"), choices=Attempt.Status)
    event = Choices(field_name="event__name", label=_("Event"), choices=NAMES)
    entity = Words(field_name="event__entity_id", label=_("Domain entity ID"))
    date = UtcDays(field_name="attempted_at", label=_("Attempted (UTC)"))


class RejectedFilters(FilterSet):
    integration = integration_filter()
    event = Choices(field_name="event__name", label=_("Event"), choices=NAMES)
    entity = Words(field_name="event__entity_id", label=_("Domain entity ID"))


class LogFilters(FilterSet):
    integration = integration_filter()
    action = Choices(field_name="action", label=_("Action"), choices=LogEntry.Action)
    date = UtcDays(field_name="created_at", label=_("Time (UTC)"))
