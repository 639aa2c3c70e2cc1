"""Text that PostgreSQL cannot hold is a 400, wherever it hides (RELIABILITY rule 28)."""

import json
import time

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from omnichannel import urls as real_urls
from omnichannel.web.middleware import is_storable_json
from tests.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db
SURROGATE = b"\xed\xa0\x80"
LOGIN = "/account/login/"


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body[:20] or b"empty")


def stream(request: HttpRequest) -> HttpResponse:
    """An upload that reads for itself; whoever read before it would be found out."""
    return HttpResponse(str(len(request.read())))


echo.csrf_exempt = stream.csrf_exempt = True
urlpatterns = [
    path("v0/echo", echo),
    path("echo", echo),
    path("stream", stream),
    *real_urls.urlpatterns,
]
with_echo = pytest.mark.urls(__name__)


NO_UTF8 = ["%FF", "%C3", "%C0%80", "%E2%28"]
UNSTORABLE = ["%00", "%ED%A0%80", "%ed%bf%bf"]


@pytest.mark.parametrize("bad", UNSTORABLE)
@pytest.mark.parametrize(
    "where", ["/{}", "/account/login/{}", "/admin/accounts/user/{}/change/", "/livez{}"]
)
def test_path(bad, where):
    boss = person("boss", is_staff=True, is_superuser=True)
    for client in (Client(), signed_in(boss)):
        answer = client.get(where.format(bad))
        assert answer.status_code == 400
        assert "cannot be stored" in answer.content.decode()


@pytest.mark.parametrize("bad", NO_UTF8)
def test_other_broken_bytes_in_a_path_find_no_page(bad):
    boss = signed_in(person("boss", is_staff=True, is_superuser=True))
    assert boss.get(f"/{bad}").status_code == 404
    assert boss.get(f"/admin/accounts/user/{bad}/change/").status_code == 404


@pytest.mark.parametrize("bad", [*UNSTORABLE, *NO_UTF8])
@pytest.mark.parametrize(
    "where",
    [
        "/account/login/?next=/{}",
        "/account/login/?{}=1",
        "/admin/accounts/user/?q=a{}b",
        "/livez?x={}",
    ],
)
def test_query(bad, where):
    boss = person("boss", is_staff=True, is_superuser=True)
    for client in (Client(), signed_in(boss)):
        answer = client.get(where.format(bad))
        assert answer.status_code == 400
        assert "cannot be stored" in answer.content.decode()


def test_a_raw_byte_that_is_no_utf8():
    answer = Client().generic("GET", "/account/login/", QUERY_STRING="q=\xff")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path", ["/account/login/?next=/%C3%A9", "/account/login/?next=%F0%9F%93%A6+x"]
)
def test_every_real_character_passes(path):
    assert Client().get(path).status_code == 200


def test_the_refusal_is_a_page_with_every_header():
    answer = Client().get("/account/login/?q=%00")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<h1" in answer.content.decode()
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v0/i/inventory/asns?q=%00", {}),
        ("/v1/x?q=%00", {}),
        ("/api/%00", {}),
        ("/account/login/?q=%00", {"accept": "application/json"}),
    ],
)
def test_a_machine_reads_the_error_body_of_the_contract(path, headers):
    answer = Client().get(path, headers=headers)
    body = json.loads(answer.content)
    assert answer.status_code == 400
    assert body.keys() == {"error_code", "message", "detail", "request_id"}
    assert body["error_code"] == "invalid_data"


@pytest.mark.parametrize(
    "body", [b"login=a%00b", b"login=%ED%A0%80", b"%00=1", b"login=a\x00", b"login=\xff"]
)
def test_form_fields(body):
    answer = Client().post(LOGIN, body, "application/x-www-form-urlencoded")
    assert answer.status_code == 400


def test_a_form_in_any_script_passes():
    person("łukasz-田中-📦")
    answer = Client().post(LOGIN, {"login": "łukasz-田中-📦", "password": PASSWORD})
    assert answer.status_code == 302


def multipart(name: bytes, value: bytes, file: bytes = b"") -> tuple[bytes, str]:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n"
    ]
    if file:
        parts.append(
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\n" + file + b"\r\n"
        )
    return b"".join([*parts, b"--x--\r\n"]), "multipart/form-data; boundary=x"


@pytest.mark.parametrize("bad", [b"a\x00b", SURROGATE, b"\xff\xfe"])
def test_multipart_text_fields(bad):
    assert Client().post(LOGIN, *multipart(b"login", bad)).status_code == 400


def test_multipart_field_names():
    assert Client().post(LOGIN, *multipart(b"a\x00b", b"1")).status_code == 400
    # Django drops a field whose name is no UTF-8: the form stays, and says what is missing.
    assert Client().post(LOGIN, *multipart(b"login\xff", b"anna")).status_code == 200


def test_file_contents_are_nobody_s_business_here():
    answer = Client().post(LOGIN, *multipart(b"login", b"anna", file=b"\x00\xff" + SURROGATE))
    assert answer.status_code == 200


@with_echo
def test_an_upload_without_the_csrf_check_is_left_to_stream():
    body, kind = multipart(b"a", b"1", file=b"\x00" * 1000)
    answer = Client().post("/stream", body, kind)
    assert (answer.status_code, answer.content) == (200, str(len(body)).encode())
    answer = Client().post("/stream", b"\x00" * 5000, "application/octet-stream")
    assert answer.content == b"5000"


@with_echo
@pytest.mark.parametrize(
    "body",
    [
        rb'{"a": "\u0000"}',
        rb'{"\u0000": 1}',
        rb'"\ud800"',
        rb'"\uDFFF"',
        rb'"\ud800\u0041"',
        rb'"\ud83d\ud83d\udce6"',
        rb'"\udce6\ud83d"',
        rb'"\\\u0000"',
        b'{"a": "\x00"}',
        b'{"a": "' + SURROGATE + b'"}',
        b"\xff",
    ],
)
@pytest.mark.parametrize(
    "kind", ["application/json", "application/problem+json", "application/json; charset=utf-8"]
)
def test_json(body, kind):
    answer = Client().post("/v0/echo", body, kind)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "invalid_data"


@with_echo
@pytest.mark.parametrize(
    "body",
    [
        rb'"\ud83d\udce6"',
        rb'"\\u0000"',
        rb'"\\ud800"',
        rb'"\u00e9\n\""',
        '"é📦"'.encode(),
        b"not json",
        b"",
    ],
)
def test_json_that_spells_it_harmlessly_passes(body):
    assert Client().post("/v0/echo", body, "application/json").status_code == 200


def test_the_json_check_agrees_with_a_parser():
    """Every string of up to four pieces: refused exactly when its decoded text is unstorable."""
    pieces = ["\\", '\\"', "\\\\", "u0000", "\\u0000", "\\ud83d", "\\udce6", "x"]
    seen = {True: 0, False: 0}
    for number in range(8**4):
        text = "".join(pieces[number // 8**place % 8] for place in range(4))
        try:
            decoded = json.loads(f'"{text}"')
        except ValueError:
            continue
        good = "\0" not in decoded and decoded == decoded.encode("utf-8", "replace").decode()
        assert is_storable_json(f'"{text}"'.encode()) is good, text
        seen[good] += 1
    assert min(seen.values()) > 100


@pytest.mark.parametrize(
    "cookie",
    [
        'session="a\\000b"',
        'csrf="\\000"',
        'theme="dark\\000"',
        "session=" + SURROGATE.decode("latin-1"),
        "csrf=\xff",
    ],
)
def test_cookies(cookie):
    boss = person("boss", is_staff=True, is_superuser=True)
    assert boss
    answer = Client().get("/admin/", headers={"cookie": cookie})
    assert answer.status_code == 400
    # The browser is told to drop it, or every page would stay closed.
    name = cookie.partition("=")[0]
    assert answer.cookies[name]["max-age"] == 0


def test_a_cookie_of_another_site_that_is_only_odd_passes():
    cookie = 'other="caf\\303\\251"; x=1; =; ;;; session'
    assert Client().get(LOGIN, headers={"cookie": cookie}).status_code == 200


def test_a_broken_cookie_name_cannot_break_the_refusal():
    answer = Client().get(LOGIN, headers={"cookie": 'a b(),/="\\000"; good=1'})
    assert answer.status_code == 400


def test_text_full_of_escapes_is_read_once():
    """Eight times the text takes eight times the work, not sixty-four."""

    def work(length: int) -> float:
        text = b'"' + rb"\u00e9\\" * length + b'"'
        begun = time.process_time()
        assert is_storable_json(text)
        return time.process_time() - begun

    short, long = (min(work(length) for _turn in range(3)) for length in (30_000, 240_000))
    assert long < 30 * short
