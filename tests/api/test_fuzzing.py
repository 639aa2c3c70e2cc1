"""The API asked at random what its own description allows, and what it does not.

FUZZ is the number of requests: `make fuzz` asks 100,000, the suite some hundred.
"""

import os
import re

import pytest
from hypothesis import HealthCheck, given, settings

from omnichannel.accounts import tokens
from omnichannel.accounts.models import User
from omnichannel.accounts.scopes import SCOPES
from omnichannel.api import throttling
from omnichannel.locations.models import LocationAccess, LocationProfile, ReturnCondition
from tests.api import fuzzing
from tests.api.fuzzing import THERE, Request
from tests.people import ALL, OWN

OPERATIONS = fuzzing.operations()
ASKED = int(os.environ.get("FUZZ", "0"))
EACH = max(ASKED // len(OPERATIONS), 8)
ADDRESS = {"address_line_1": "Kade 1", "city": "Rotterdam", "country_code": "NL"}
# So that the workers of a run share the work.
PARTS = 2 if ASKED == 0 else 12


@pytest.fixture
def unlimited(monkeypatch):
    monkeypatch.setattr(throttling.Limit, "check", lambda self, request: None)


@pytest.fixture
def callers(world) -> list[str]:
    """Mostly one who may everything, one with a store of his own, and a stranger."""
    every = {"stock_scope": ALL, "document_scope": ALL, "is_superuser": True}
    own = {"stock_scope": OWN, "document_scope": OWN}
    root = User.objects.create(username="root", **every)
    clerk = User.objects.create(username="clerk", **own)
    LocationAccess.objects.create(user=clerk, location=world.berlin)
    LocationProfile.objects.create(location=world.dc, address=ADDRESS)
    ReturnCondition.objects.create(condition_code=0, stock_location=world.shelves["damaged"])
    given = [tokens.issue(user, SCOPES).access_token for user in (root, clerk)]
    return [given[0]] * 4 + [given[1], ""]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_request_breaks_the_api(world, callers, unlimited, part):
    known = THERE | {"reason_id": (str(world.reason.uuid),)}
    mine = OPERATIONS[part::PARTS]
    wrong = [
        text
        for operation in mine
        for text in fuzzing.tried(operation, EACH, callers, known, is_random=ASKED > 0)
    ]
    assert not wrong, "\n\n".join(wrong)


def test_control_what_breaks_is_found(world, callers, unlimited, monkeypatch):
    def broken(*args, **options):
        raise RuntimeError

    monkeypatch.setattr("omnichannel.locations.api.places.seen_by", broken)
    (operation,) = (o for o in OPERATIONS if o.label == "GET /v0/locations")
    (text,) = fuzzing.tried(operation, 20, callers, THERE, is_random=False)
    assert "500" in text


def test_control_nul_and_lone_surrogates_are_among_the_requests():
    label = "PATCH /v0/stock_locations/{name}"
    (operation,) = (operation for operation in OPERATIONS if operation.label == label)
    seen: list[str] = []

    @settings(
        max_examples=250,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(fuzzing.requests(operation, 1, THERE))
    def collect(request: Request) -> None:
        seen.append(f"{request.address} {request.body!r}")

    collect()
    for telling in ("(%00|u0000)", "(%ED%A0%80|ud800)", "stock_locations/main b"):
        assert any(re.search(telling, text) for text in seen), telling
