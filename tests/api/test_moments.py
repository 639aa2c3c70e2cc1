"""Points in time come with and without a zone, and leave in UTC (CONTRACT §9)."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from omnichannel.accounts.models import AuditEvent
from omnichannel.api.moments import Moment, written

READER: TypeAdapter[datetime] = TypeAdapter(Moment)
NOON = datetime(2021, 4, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2021-04-22T12:00:00",
        "2021-04-22T12:00:00Z",
        "2021-04-22T12:00:00.000Z",
        "2021-04-22T12:00:00+00:00",
        "2021-04-22T14:00:00+02:00",
        "2021-04-22T07:00:00-05:00",
        "2021-04-22 12:00:00",
    ],
)
def test_one_moment_in_many_spellings(text):
    read = READER.validate_python(text)
    assert read == NOON
    assert written(read) == "2021-04-22T12:00:00.000Z"


@pytest.mark.parametrize(
    "value",
    [
        1_619_092_800,
        1.5,
        True,
        None,
        "",
        "yesterday",
        "2021-02-30T00:00:00",
        "2021-04-22T25:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_moment_is_refused(value):
    with pytest.raises(ValidationError):
        READER.validate_python(value)


def test_milliseconds_are_cut_and_zones_are_gone():
    late = datetime(2026, 1, 5, 12, 0, 0, 999_999, tzinfo=UTC)
    assert written(late) == "2026-01-05T12:00:00.999Z"


def test_a_filter_reads_a_zone_and_takes_none_for_utc(world, call):
    assert call("POST", "/v0/locations/DE-01/_disable", {}).status_code == 200
    event = AuditEvent.objects.get()

    def found(**asked) -> int:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return len(call("GET", f"/audit-events?{query}").json()["items"])

    moment = event.created_at.astimezone(UTC).replace(microsecond=0)
    naive = moment.replace(tzinfo=None).isoformat()
    assert found(**{"from": naive}) == 1
    assert found(**{"from": f"{naive}%2B00:00"}) == 1
    assert found(**{"from": f"{naive}-02:00"}) == 0
    assert found(to=f"{naive}%2B02:00") == 0
    assert found(to=f"{naive}-02:00") == 1
