"""What a request leaves in the log of the web server."""

import logging
import sys

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from omnichannel.web.logs import Refused
from tests.people import person, signed_in


def written(status: int | None, *filters: logging.Filter) -> str:
    """What a handler with these filters writes of an exception that ended so."""
    handler = logging.StreamHandler()
    for one in filters:
        handler.addFilter(one)
    try:
        raise PermissionDenied
    except PermissionDenied:
        told = {} if status is None else {"status_code": status}
        record = logging.makeLogRecord({"msg": "Forbidden", "exc_info": sys.exc_info(), **told})
    assert handler.filter(record)
    return handler.format(record)


def test_a_refused_request_is_one_line():
    assert written(403, Refused()) == "Forbidden"
    # The control: nobody takes the trace away.
    assert "Traceback" in written(403)


@pytest.mark.parametrize("status", [500, None])
def test_a_mistake_of_ours_keeps_its_trace(status):
    assert "Traceback" in written(status, Refused())


@pytest.mark.django_db
def test_django_tells_the_status_of_what_it_refuses(caplog):
    with caplog.at_level(logging.WARNING, "django.request"):
        signed_in(person("nobody")).get("/catalog/products/")
    assert [one.status_code for one in caplog.records if one.name == "django.request"] == [403]
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["refused"]
