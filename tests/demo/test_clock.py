from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.clock import WEEK, instant, weeks_to_last_week

BERLIN, BEIRUT = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Beirut")


@pytest.mark.parametrize(
    ("case", "zone", "local", "expected"),
    [
        ("winter", BERLIN, "2026-01-15 09:00", "2026-01-15 08:00"),
        ("summer", BERLIN, "2026-07-15 09:00", "2026-07-15 07:00"),
        ("a time that is skipped counts on", BERLIN, "2026-03-29 02:30", "2026-03-29 01:30"),
        ("just after the gap", BERLIN, "2026-03-29 03:00", "2026-03-29 01:00"),
        ("a time that comes twice is the first", BERLIN, "2026-10-25 02:30", "2026-10-25 00:30"),
        ("just after the overlap", BERLIN, "2026-10-25 03:00", "2026-10-25 02:00"),
        ("a midnight that is skipped", BEIRUT, "2026-03-29 00:00", "2026-03-28 22:00"),
        ("the last minute before", BEIRUT, "2026-03-28 23:59", "2026-03-28 21:59"),
    ],
)
def test_the_stores_clock(case: str, zone: ZoneInfo, local: str, expected: str) -> None:
    moved = datetime.fromisoformat(local) - 780 * WEEK
    assert instant(moved, zone, 780) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_nine_oclock_stays_nine_oclock_across_summer_time() -> None:
    for week in range(60):
        moment = instant(datetime(2010, 12, 1, 9, 0), BERLIN, 780 + week)
        assert moment.astimezone(BERLIN).hour == 9
        assert moment.astimezone(BERLIN).weekday() == datetime(2010, 12, 1).weekday()


@given(
    st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1)),
    st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
)
def test_the_end_lies_in_the_iso_week_before_this_one(latest: datetime, now: datetime) -> None:
    moved = latest + weeks_to_last_week(latest, now) * WEEK
    assert moved.isocalendar()[:2] == (now - timedelta(days=7)).isocalendar()[:2]
    assert moved.weekday() == latest.weekday()
