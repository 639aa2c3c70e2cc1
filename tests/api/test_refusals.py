"""The bodies of refusals, by family, and what is refused before anything is read (CONTRACT §2)."""

import inspect
import json
import logging
import re
import uuid
from typing import get_type_hints

import pytest
from django.test import Client
from pydantic import BaseModel

from omnichannel.api.errors import is_new_generation
from omnichannel.api.mounting import OURS
from omnichannel.api.urls import api
from omnichannel.locations.models import StockLocation
from tests.api.calling import caller, with_token
from tests.people import person

pytestmark = pytest.mark.django_db
SHELVES = "/v0/stock_locations"
ALWAYS = {"error_code", "message", "detail", "request_id"}
PROBLEM = ALWAYS | {"type", "title", "status", "instance", "messages"}


def test_every_family_finds_its_fields(call):
    for method, path, status, code in (
        ("GET", "/v0/locations/nowhere", 404, "location_not_found"),
        ("GET", "/v0/stores/nowhere/products", 404, "location_not_found"),
        ("GET", "/v0/c/products/none", 404, "product_not_found"),
        ("PUT", "/v0/locations/DC-EU", 400, "invalid_data"),
        ("DELETE", "/v0/locations", 405, "method_not_allowed"),
        ("GET", "/v0/nothing/here", 404, "resource_not_found"),
        ("GET", "/inventory/config?store_id=nowhere", 404, "location_not_found"),
        ("GET", "/iam/users/x", 404, "resource_not_found"),
        ("GET", "/audit-events?cursor=x", 400, "invalid_data"),
        ("GET", "/audit-events?page_size=0", 400, "invalid_data"),
    ):
        answer = call(method, path, {} if method == "PUT" else None)
        body = answer.json()
        assert (answer.status_code, body["error_code"]) == (status, code), path
        assert all(body[name] for name in ALWAYS)
        assert body["request_id"] == answer.headers["X-Request-ID"]
        if is_new_generation(path):
            assert body.keys() - {"errors"} == PROBLEM
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert (body["status"], body["instance"]) == (status, path.split("?")[0])
            assert isinstance(body["detail"], str)
        else:
            assert body.keys() == ALWAYS
            assert answer.headers["Content-Type"] == "application/json"


def test_a_wrong_field_is_told_as_the_older_family_wants_it(call):
    answer = call("POST", SHELVES, {"name": "_mine", "display_name": 3})
    body = answer.json()
    assert answer.status_code == 422
    assert {tuple(one) for one in body["detail"]} == {("loc", "msg", "type")}
    assert [one["loc"] for one in body["detail"]] == [["body", "name"], ["body", "display_name"]]
    assert body["message"].startswith("body.name: ")
    assert not StockLocation.objects.filter(name="_mine").exists()


def test_a_wrong_parameter_is_told_by_the_name_that_the_client_wrote(call):
    answer = call("GET", "/v0/i/inventory/asns?count=x&status=open&status=shut")
    assert [one["loc"] for one in answer.json()["detail"]] == [
        ["query", "count"],
        ["query", "status", 1],
    ]


def test_no_operation_tells_clients_how_its_parameters_are_called_here():
    named = {
        name
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
        for name, kind in get_type_hints(inspect.unwrap(operation.view_func)).items()
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    }
    assert named
    assert named <= OURS, named - OURS


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"name": "a", "name": "b"}', 400),
        (b'{"name": "a", "x": {"y": 1, "y": 2}}', 400),
        (b'{"name": NaN}', 400),
        (b'{"name": "a", "x": Infinity}', 400),
        (b'{"name": "a", "x": -Infinity}', 400),
        (b'{"name": "a", "x": 1e999}', 400),
        (b'{"name": "a", "x": 99999999999999999999999}', 400),
        (b'{"name": "a\\u0000"}', 400),
        (b'{"name": "a\\ud800"}', 400),
        (b'{"a\\udfff": 1, "name": "a"}', 400),
        (b"[" * 100_000, 400),
        (b'{"x":' + b"[" * 40 + b"]" * 40 + b"}", 400),
        (b'{"name": "a"', 400),
        (b"\xff\xfe", 400),
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b"3", 422),
        (b'{"name": {"a": 1}}', 422),
        (b'{"name": ""}', 422),
        (b'{"name": "' + b"x" * 65 + b'"}', 422),
        (b'{"name": "return_process_configuration"}', 422),
    ],
)
def test_a_body_with_more_than_one_meaning_or_none_is_refused(call, raw, status):
    before = StockLocation.objects.count()
    answer = call("POST", SHELVES, raw)
    assert answer.status_code in (400, status)
    assert answer.json().keys() >= ALWAYS
    assert StockLocation.objects.count() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", ""])
def test_a_body_of_another_content_type_writes_nothing_strange(everybody, kind):
    call = caller(everybody)
    answer = call("POST", SHELVES, b"name=a&display_name=b", Content_Type=kind)
    assert 400 <= answer.status_code < 500
    assert not StockLocation.objects.filter(name="a").exists()


def test_a_body_over_the_limit_is_413_before_it_is_read_or_anybody_is_asked(settings, call):
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    raw = json.dumps({"name": "big", "x": "x" * most}).encode()
    for ask in (call, with_token("")):
        answer = ask("POST", SHELVES, raw)
        assert (answer.status_code, answer.json()["error_code"]) == (413, "body_too_large")
        assert answer.json().keys() == ALWAYS
    fits = json.dumps({"name": "fits", "x": ""}).encode()
    fits = json.dumps({"name": "fits", "x": "x" * (most - len(fits))}).encode()
    assert len(fits) == most
    assert call("POST", SHELVES, fits).status_code == 201


@pytest.mark.parametrize(
    "address",
    [
        "/v0/locations/%00",
        "/v0/locations/%ED%A0%80",
        "/v0/locations/%FF",
        "/v0/locations/" + "x" * 5_000,
        "/v0/c/products/%00=%00",
        "/v0/c/products?shop=%00&locale=en",
        "/v0/c/products?shop=a&locale=en&q=%ED%A0%80",
        "/v0/c/products?shop=a&locale=en&facetfilter[variation_color_value]=%00",
        "/v0/c/products?shop=a&locale=en&offset=99999999999999999999",
        "/v0/stores/DE-01/products?from=NaN",
        "/v0/stores/DE-01/products?from=1e400",
        "/v0/stores/DE-01/products?from=-1",
        "/v0/stores/DE-01/products?sellable=perhaps",
        "/iam/users?q=%00",
        "/iam/users/99999999999999999999",
        "/audit-events?from=0000-00-00",
        "/audit-events?from=9999-12-31T23:59:59-14:00",
        "/audit-events?cursor=99999999999999999999",
        "/audit-events?operation=EATEN",
    ],
)
def test_an_address_of_nonsense_is_refused_and_nothing_breaks(call, address):
    answer = call("GET", address)
    assert 400 <= answer.status_code < 500, answer.content
    if answer.headers["Content-Type"] != "text/html; charset=utf-8":
        assert answer.json()["request_id"]


def test_what_breaks_is_a_500_of_the_family_and_tells_nothing(everybody, monkeypatch, caplog):
    def broken(*args, **options):
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("omnichannel.locations.api.places.seen_by", broken)
    call = caller(everybody, raise_request_exception=False)
    with caplog.at_level(logging.ERROR):
        answer = call("GET", "/v0/locations")
    body = answer.json()
    assert (answer.status_code, body["error_code"]) == (500, "internal_server_error")
    assert body.keys() == ALWAYS
    assert "swordfish" not in answer.content.decode()
    assert "swordfish" in caplog.text


def test_request_ids_are_of_one_request_each(call):
    ids = {call("GET", "/v0/locations").headers["X-Request-ID"] for _ in range(3)}
    assert len({uuid.UUID(text) for text in ids}) == 3


def test_an_answer_is_kept_by_no_cache_and_sets_no_cookie(call):
    answer = call("GET", "/v0/locations")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_messages_are_english_whatever_the_client_reads(call):
    answer = call("GET", "/v0/locations/nowhere", Accept_Language="de")
    assert answer.json()["message"] == "There is no location nowhere."


def test_a_machine_needs_no_csrf_token(world):
    user = person("root", is_superuser=True)
    call = caller(user, enforce_csrf_checks=True)
    assert call("POST", "/v0/locations/DE-01/_disable", {}).status_code == 200


def test_an_answer_without_a_body_has_none(call):
    answer = call("PATCH", "/v0/stock_locations/main", {"display_name": "Floor"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers


def test_the_description_and_its_page_are_there_for_everybody():
    client = Client()
    told = client.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert told["paths"]["/v0/locations"]["get"]["security"] == [{"bearer": ["locations:read"]}]
    assert told["components"]["securitySchemes"].keys() == {"bearer"}
    named = set(re.findall('"#/components/schemas/([^"]+)"', json.dumps(told)))
    assert named <= told["components"]["schemas"].keys()
    page = client.get("/api-docs/")
    assert page.status_code == 200
    assert "/openapi.json" in page.content.decode()
