"""The lists of the event stream. Its rows belong to no store, so moments are told in UTC."""

from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from omnichannel.web.columns import Choice, Code, Number, Stamp, Status, Text
from omnichannel.web.tables import Table

from .models import Attempt, Delivery, Event, Integration, LogEntry
from .queries import MOST_WAITING

HOME = "/tools/event-stream/"
RUNS = {"RUNNING": "ok", "STOPPED": "bad"}
STATES = {
    "PENDING": "info",
    "DELIVERED": "ok",
    "REJECTED": "bad",
    "EXPIRED": "warn",
    "CANCELLED": "",
}
WENT = {"SUCCESS": "ok", "FAILURE": "bad"}
# Of several deliveries of one event the one that somebody should look at first.
RANK = Case(
    *(
        When(state=state, then=Value(n))
        for n, state in enumerate(("REJECTED", "EXPIRED", "PENDING", "CANCELLED", "DELIVERED"))
    ),
    output_field=IntegerField(),
)


def in_utc(rows: QuerySet) -> QuerySet:
    return rows.annotate(zone=Value("UTC"))


def counted(rows: QuerySet) -> Coalesce:
    """How many rows the subquery has; 0 where it has none."""
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(Subquery(one.annotate(number=Count("pk")).values("number")), 0)


class Capped(Func):
    """How many deliveries wait for the integration, counted no further than to MOST_WAITING + 1."""

    template = (
        "(SELECT count(*) FROM (SELECT FROM eventstream_delivery d"
        " WHERE d.integration_id = %(expressions)s AND d.state = 'PENDING'"
        " LIMIT %(most)s) waiting)"
    )
    output_field = IntegerField()


class Waiting(Number):
    def cell(self, value: str, *extra: str) -> str:
        return f"n({value}) if {value} <= {MOST_WAITING} else n({MOST_WAITING}) + '+'"


class Switch(Status):
    """The status, and beside it the page that asks whether to start or to stop."""

    extra = ("name",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices |= {"start": _("Start"), "stop": _("Stop")}

    def cell(self, value: str, *extra: str) -> str:
        (name,) = extra
        act = f"'stop' if {value} == 'RUNNING' else 'start'"
        word = f"e(labels[{self.field!r}][{act}])"
        named = f"{word} + '<span class=\"vh\"> ' + e({name}) + '</span>'"
        return (
            f"({super().cell(value)}) + ' ' + link('{HOME}integrations/', ({name}, {act}), {named})"
        )


class IntegrationTable(Table):
    name = Code("name", _("Integration ID"), link=(f"{HOME}integrations/", "name"), css="c-name")
    status = Switch("status", _("Status"), choices=Integration.Status, tones=RUNS, sort=False)
    waiting = Waiting("waiting", _("Waiting"), sort=False)
    oldest = Stamp("oldest_at", _("Oldest Waiting Since"), zone="zone", sort=False)
    rejected = Number("rejected", _("Rejected"), sort=False)
    failures = Number("failures", _("Failures in a Row"), sort=False)
    success = Stamp("last_success_at", _("Last Success"), zone="zone", sort=False)
    failure = Stamp("last_failure_at", _("Last Failure"), zone="zone", sort=False)
    goes_to = Text("goes_to", _("Sends To"), sort=False, css="cut")
    type = Choice("type", _("Type"), choices=Integration.Type, sort=False, wide=True)
    target = Choice("target", _("Target"), choices=Integration.Target, sort=False, wide=True)

    model = Integration
    key = ("name",)

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        mine = Delivery.objects.filter(integration=OuterRef("pk"))
        waiting = mine.filter(state=Delivery.State.PENDING)
        return in_utc(rows).annotate(
            goes_to=Coalesce(
                NullIf(F("callback_url"), Value("")), F("bucket"), output_field=TextField()
            ),
            waiting=Capped(F("pk"), most=MOST_WAITING + 1),
            rejected=counted(mine.filter(state=Delivery.State.REJECTED)),
            oldest_at=Subquery(waiting.order_by("id").values("created_at")[:1]),
        )


class EventTable(Table):
    event = Text("name", _("Event"), link=(f"{HOME}events/", "uuid"), sort=False, css="c-name")
    entity = Code("entity_id", _("Domain Entity ID"), sort=False)
    published = Stamp("published_at", _("Published"), zone="zone")
    state = Status("state", _("Status"), choices=Delivery.State, tones=STATES, sort=False)
    integrations = Number("integrations", _("Integrations"), sort=False)
    delivered = Number("delivered", _("Delivered"), sort=False)
    attempts = Number("attempts", _("Attempts"), sort=False)

    model = Event
    key = ("published_at", "id")
    newest_first = True

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        told = Delivery.objects.filter(event=OuterRef("pk"), integration__deleted_at=None)
        tries = Attempt.objects.filter(delivery__event=OuterRef("pk"), integration__deleted_at=None)
        return in_utc(rows).annotate(
            state=Subquery(
                told.annotate(rank=RANK).order_by("rank").values("state")[:1],
                output_field=CharField(),
            ),
            attempts=counted(tries),
            integrations=counted(told),
            delivered=counted(told.filter(state=Delivery.State.DELIVERED)),
        )


class SentTable(EventTable):
    """Events about one document, on its own page: whoever sees it may know who was told."""

    event = Text("name", _("Event"), sort=False, css="c-name")

    class Meta:
        sequence = ("event", "entity", "published", "state", "...")


class TriesOfOne(Table):
    """The attempts of one integration."""

    event = Text(
        "event__name",
        _("Event"),
        link=(f"{HOME}events/", "event__uuid"),
        sort=False,
        css="c-name",
    )
    entity = Code("event__entity_id", _("Domain Entity ID"), sort=False)
    at = Stamp("attempted_at", _("Attempted"), zone="zone")
    status = Status("status", _("Status"), choices=Attempt.Status, tones=WENT, sort=False)
    code = Number("code", _("Answer"), sort=False)
    body = Text("body", _("What it said"), sort=False, css="cut")
    took = Number("response_time_ms", _("Time in ms"), sort=False)
    left = Number("retries_remaining", _("Retries Left"), sort=False)

    model = Attempt
    key = ("attempted_at", "id")
    newest_first = True

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return in_utc(rows)


class AttemptTable(TriesOfOne):
    integration = Code(
        "integration__name",
        _("Integration ID"),
        link=(f"{HOME}integrations/", "integration__name"),
        sort=False,
    )

    class Meta:
        sequence = ("event", "entity", "integration", "at", "...")


class TriesOfEvent(Table):
    """The attempts of one event."""

    integration = Code(
        "integration__name",
        _("Integration ID"),
        link=(f"{HOME}integrations/", "integration__name"),
        sort=False,
        css="c-name",
    )
    at = Stamp("attempted_at", _("Attempted"), zone="zone")
    status = Status("status", _("Status"), choices=Attempt.Status, tones=WENT, sort=False)
    code = Number("code", _("Answer"), sort=False)
    body = Text("body", _("What it said"), sort=False, css="cut")
    took = Number("response_time_ms", _("Time in ms"), sort=False)
    left = Number("retries_remaining", _("Retries Left"), sort=False)

    model = Attempt

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return in_utc(rows)


class RejectedOfOne(Table):
    """What one receiver rejected, with its last answer."""

    event = Text(
        "event__name", _("Event"), link=(f"{HOME}rejected/", "uuid"), sort=False, css="c-name"
    )
    entity = Code("event__entity_id", _("Domain Entity ID"), sort=False)
    rejected = Stamp("finished_at", _("Rejected"), zone="zone", sort=False)
    answer = Text("answer", _("What it said"), sort=False, css="cut")

    model = Delivery
    key = ("id",)
    newest_first = True
    pick = "uuid"

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        tries = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-id")
        return in_utc(rows).annotate(
            answer=Subquery(tries.values("body")[:1], output_field=TextField())
        )


class RejectedTable(RejectedOfOne):
    integration = Code(
        "integration__name",
        _("Integration ID"),
        link=(f"{HOME}integrations/", "integration__name"),
        sort=False,
    )

    class Meta:
        sequence = ("event", "entity", "integration", "...")


class LogOfOne(Table):
    action = Choice("action", _("Action"), choices=LogEntry.Action, sort=False, css="c-name")
    at = Stamp("created_at", _("Time"), zone="zone", sort=False)
    reason = Text("reason", _("Reason"), sort=False)

    model = LogEntry
    key = ("id",)
    newest_first = True

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return in_utc(rows)


class LogTable(LogOfOne):
    integration = Code(
        "integration__name",
        _("Integration ID"),
        link=(f"{HOME}integrations/", "integration__name"),
        sort=False,
        css="c-name",
    )
    action = Choice("action", _("Action"), choices=LogEntry.Action, sort=False)

    class Meta:
        sequence = ("integration", "action", "...")


class DeliveryTable(Table):
    """Of one event: to whom it goes, and how far it is."""

    integration = Code(
        "integration__name",
        _("Integration ID"),
        link=(f"{HOME}integrations/", "integration__name"),
        sort=False,
    )
    state = Status("state", _("Status"), choices=Delivery.State, tones=STATES, sort=False)
    attempts = Number("attempts", _("Attempts"), sort=False)
    due = Stamp("created_at", _("Due"), zone="zone", sort=False)
    ended = Stamp("finished_at", _("Ended"), zone="zone", sort=False)

    model = Delivery

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return in_utc(rows)
