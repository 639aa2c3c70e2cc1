"""The year is moved by whole weeks, so that it ends last week and weekdays stay weekdays."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(weeks=1)


def monday(moment: datetime) -> datetime:
    """Midnight at the start of the ISO week."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return midnight - timedelta(days=midnight.weekday())


def weeks_to_last_week(latest: datetime, now: datetime) -> int:
    """Whole weeks from the week of `latest` to the last finished ISO week before `now` (UTC)."""
    return (monday(now.astimezone(UTC)) - WEEK - monday(latest)) // WEEK


def instant(local: datetime, zone: ZoneInfo, weeks: int) -> datetime:
    """The moment at which the store's clock shows `local`, moved by `weeks`, in UTC.

    The clock is moved, not the moment: a sale at 9:00 stays at 9:00 across a change to summer
    time. A time that the clock shows twice is the first one; one that it skips counts on.
    """
    return (local + weeks * WEEK).replace(tzinfo=zone).astimezone(UTC)
