"""Points in time on the wire: read with or without a zone, written in UTC with milliseconds."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from django.db.models import Q
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder
from pydantic import AfterValidator, BeforeValidator, WithJsonSchema


def only_text(value: Any) -> Any:
    """A number would be read as seconds or as milliseconds, as its size suggests."""
    if not isinstance(value, str | datetime | date):
        raise ValueError("a date and time is written as text, like 2026-01-05T12:00:00Z")
    return value


def aware(value: datetime) -> datetime:
    """Without a zone it is UTC: real clients send none (CONTRACT §9)."""
    try:
        return value.replace(tzinfo=UTC) if value.utcoffset() is None else value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this is no time of our calendar") from error


Moment = Annotated[
    datetime,
    BeforeValidator(only_text),
    AfterValidator(aware),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def written(moment: datetime) -> str:
    """`2026-01-05T12:00:00.000Z`"""
    text = aware(moment).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def days(field: str, first: date | None, last: date | None) -> Q:
    """Whole days in UTC, both included; an end that is not given is open."""
    asked = Q()
    if first:
        asked &= Q(**{f"{field}__gte": datetime.combine(first, time.min, UTC)})
    if last and last < date.max:
        after = last + timedelta(days=1)
        asked &= Q(**{f"{field}__lt": datetime.combine(after, time.min, UTC)})
    return asked


class Encoder(NinjaJSONEncoder):
    def default(self, o: Any) -> Any:
        return written(o) if isinstance(o, datetime) else super().default(o)


class Renderer(JSONRenderer):
    encoder_class = Encoder
