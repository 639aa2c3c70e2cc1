"""Requests made from the API's own description, the odd ones too: NUL, lone surrogates, huge numbers.

Every request is undone after it, so that each stands for itself and can be repeated.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import schemathesis
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.generation import GenerationMode

from omnichannel.api.urls import api
from tests.test_permission_matrix import undone

# Half of the requests say something that is there; otherwise nearly all would end in a 404.
THERE = {
    "location_id": ("DE-01", "JP-01", "FR-01", "DC-EU"),
    "store_id": ("DE-01", "JP-01", "FR-01"),
    "fulfillment_node_id": ("DE-01", "FR-01"),
    "from_location": ("DC-EU", "JP-01"),
    "from_location_id": ("DE-01", "JP-01"),
    "to_location_id": ("JP-01", "FR-01"),
    "product_id": ("85123A", "MUG/1=a"),
    "key": ("85123A", "sku=SKU-1", "ean13=4006381333931"),
    "name": ("main", "damaged"),
    "stock_location_name": ("main", "damaged"),
    "stock_location": ("main", "damaged"),
    "origin_stock_location": ("main", None),
    "destination_stock_location": ("damaged", None),
    "pricebook": ("EUR", None),
    "tenant": ("demo",),
    "timezone": ("Europe/Berlin",),
    "country_code": ("DE", "NL"),
    "grant_type": ("password", "client_credentials", "refresh_token"),
}
# Texts and numbers that break programs; the description's own strategies seldom come upon them.
ODD = (
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\udbff",
    "\ufeff",
    "\u202e",
    "e\u0301" * 200,
    "x" * 5_000,
    "' OR 1=1 --",
    "%00",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    " ",
    "",
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    1e308,
    -0.0,
    True,
    None,
    [],
    {},
)
ALWAYS = {"error_code", "message", "detail", "request_id"}
# 503: rows that others hold, of which there are none here.
DECLARED_NOWHERE = {405, 415}


class Request(NamedTuple):
    """Enough to send it again."""

    method: str
    address: str
    headers: dict[str, str]
    body: bytes
    content_type: str
    user: int


def described() -> schemathesis.schemas.BaseSchema:
    generation = GenerationConfig(allow_x00=True, codec=None, allow_extra_parameters=True)
    config = SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(generation=generation))
    )
    told = json.loads(json.dumps(api.get_openapi_schema(path_prefix="")))
    return schemathesis.openapi.from_dict(told, config=config)


def operations() -> list[Any]:
    """In the order of the description."""
    return [found.ok() for found in described().get_all_operations()]


@st.composite
def requests(draw: st.DrawFn, operation: Any, users: int, known: dict[str, tuple]) -> Request:
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    case = draw(
        st.sampled_from(modes).flatmap(lambda mode: operation.as_strategy(generation_mode=mode))
        if can_be_wrong(operation)
        else operation.as_strategy()
    )
    there = {name: draw(st.sampled_from(values)) for name, values in known.items()}
    is_there = draw(st.booleans())
    body = with_known(case.body, there) if is_there else case.body
    path = {**case.path_parameters, **(there if is_there else {})}
    query = dict(case.query or {})
    if draw(st.integers(0, 2)) == 0:
        body, path, query = draw(with_odd(body, path, query, tuple(case.path_parameters)))
    address = case.path
    for name in case.path_parameters:
        address = address.replace(f"{{{name}}}", percent(path[name]))
    asked = urlencode(flat(query), errors="surrogatepass")
    raw, content_type = encoded(body, case.media_type)
    headers = {
        header_text(name): header_text(value)
        for name, value in (case.headers or {}).items()
        if name.lower() not in {"authorization", "content-type", "content-length"}
    }
    return Request(
        case.method.upper(),
        f"{address}?{asked}" if asked else address,
        headers,
        raw,
        content_type,
        draw(st.integers(0, users - 1)),
    )


@st.composite
def with_odd(draw: st.DrawFn, body: Any, path: dict, query: dict, names: tuple[str, ...]) -> Any:
    """One value somewhere in the request, in place of which something odd stands."""
    odd = draw(st.sampled_from(ODD))
    leaves = [("path", name) for name in names] + [("query", name) for name in query]
    if not isinstance(body, schemathesis.core.NotSet | bytes):
        leaves += [("body", place) for place in places_of(body)]
    if not leaves:
        return body, path, {**query, "odd": odd}
    where, place = draw(st.sampled_from(leaves))
    if where == "path":
        return body, {**path, place: odd}, query
    if where == "query":
        return body, path, {**query, place: odd}
    return replaced(body, place, odd), path, query


def places_of(value: Any, place: tuple = ()) -> list[tuple]:
    """Where every member of a JSON value stands, the whole first."""
    members: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value[:20])
    return [place, *(found for key, inner in members for found in places_of(inner, (*place, key)))]


def replaced(value: Any, place: tuple, odd: Any) -> Any:
    if not place:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = replaced(value[place[0]], place[1:], odd)
    return copy


def can_be_wrong(operation: Any) -> bool:
    return bool(list(operation.iter_parameters()) or operation.body)


def with_known(value: Any, there: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {
            name: there[name] if name in there else with_known(member, there)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [with_known(member, there) for member in value]
    return value


def percent(value: Any) -> str:
    return quote(str(value).encode("utf-8", "surrogatepass"), safe="")


def flat(query: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """As a client writes it: a list is its name again and again."""
    found = []
    for name, value in query.items():
        for member in value if isinstance(value, list) else [value]:
            found.append((wire(name), wire(member)))
    return found


def wire(value: Any) -> bytes:
    return str(value).encode("utf-8", "surrogatepass")


def header_text(value: Any) -> str:
    """What a server hands on: bytes, read as Latin-1, without the ends of lines."""
    return wire(value).decode("latin-1").replace("\r", "").replace("\n", "")


def encoded(body: Any, media_type: str | None) -> tuple[bytes, str]:
    if isinstance(body, schemathesis.core.NotSet):
        return b"", media_type or "application/json"
    if isinstance(body, bytes):
        return body, media_type or "application/octet-stream"
    if media_type and "form-urlencoded" in media_type and isinstance(body, dict):
        return urlencode(flat(body), errors="surrogatepass").encode(), media_type
    if media_type and media_type.startswith("multipart/") and isinstance(body, dict):
        return multipart(body), 'multipart/form-data; boundary="edge"'
    return json.dumps(body).encode(), media_type or "application/json"


def multipart(body: dict[str, Any]) -> bytes:
    parts = []
    for name, value in flat(body):
        head = b'--edge\r\nContent-Disposition: form-data; name="' + name + b'"'
        is_file = b'; filename="stock.csv"' if name == b"file" else b""
        parts.append(head + is_file + b"\r\n\r\n" + value + b"\r\n")
    return b"".join(parts) + b"--edge--\r\n"


def sent(request: Request, tokens: list[str]) -> HttpResponse:
    token = tokens[request.user]
    headers = {**request.headers, **({"Authorization": f"Bearer {token}"} if token else {})}
    with undone():
        answer = Client(raise_request_exception=False).generic(
            request.method,
            request.address,
            request.body,
            request.content_type,
            headers=headers,
        )
        transaction.set_rollback(True)
    return answer


def check(operation: Any, request: Request, answer: HttpResponse) -> None:
    """No answer of 500 and above, none that the description does not know, each of its shape."""
    status = answer.status_code
    assert status < 500, f"{status} {request} {answer.content[:2_000]!r}"
    declared = {int(code) for code in operation.definition.raw["responses"]}
    kind = answer.headers.get("Content-Type", "")
    if status >= 400 and "json" in kind:
        missing = ALWAYS - answer.json().keys()
        assert not missing, f"{missing} are missing: {request} {answer.content[:500]!r}"
    elsewhere = answer.headers.get("X-Request-ID") is None or "Nothing is offered" in str(
        answer.content
    )
    if not elsewhere:
        known = declared | DECLARED_NOWHERE
        assert status in known, f"{status} is not described: {request} {answer.content[:500]!r}"
    # The one answer that is a table says so.
    if 200 <= status < 300 and status != 204 and not kind.startswith("text/csv"):
        answer.json()


def tried(
    operation: Any, cases: int, tokens: list[str], known: dict[str, tuple], *, is_random: bool
) -> Iterator[str]:
    """What is wrong with an operation, the smallest request that shows it."""

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=not is_random,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(requests(operation, len(tokens), known))
    def run(request: Request) -> None:
        check(operation, request, sent(request, tokens))

    try:
        run()
    except AssertionError as error:
        yield f"{operation.label}: {error}"
