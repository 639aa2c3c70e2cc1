import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client

from omnichannel.accounts.middleware import needs_second_factor
from tests.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PAGES = (
    "/account/2fa/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
)


@pytest.fixture(autouse=True)
def _no_used_codes():
    cache.clear()


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def enrolled(username: str = "anna", *roles: str):
    user = person(username, *roles)
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def first_step(client: Client, username: str = "anna"):
    return client.post("/account/login/", {"login": username, "password": PASSWORD})


def is_signed_in(client: Client) -> bool:
    return client.get("/account/2fa/").status_code == 200


def test_enrolment_shows_an_inline_code_that_the_content_policy_allows():
    client = signed_in(person("anna"))
    page = client.get("/account/2fa/totp/activate/")
    text = page.content.decode()
    assert page.status_code == 200
    assert re.search(r"<svg[^>]*class=\"qr\"", text)
    assert "data:" not in text
    assert "style=" not in text
    assert "<style" not in text
    secret = re.search(r'id="secret"[^>]*value="([A-Z2-7]+)"', text)[1]
    assert client.post("/account/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()
    answer = client.post("/account/2fa/totp/activate/", {"code": code(secret)})
    assert answer.headers["Location"] == "/account/2fa/recovery-codes/"
    assert {a.type for a in Authenticator.objects.all()} == {"totp", "recovery_codes"}
    assert secret not in str(Authenticator.objects.values_list("data", flat=True))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_ours_and_clean(path):
    page = signed_in(enrolled()).get(path)
    text = page.content.decode()
    assert page.status_code == 200
    assert "style=" not in text
    assert "<script" not in text.replace("<script src=", "")
    assert '<h1 id="heading">' in text


def test_recovery_codes_download_as_text():
    page = signed_in(enrolled()).get("/account/2fa/recovery-codes/download/")
    assert page.headers["Content-Type"].startswith("text/plain")
    assert "attachment" in page.headers["Content-Disposition"]
    assert len(page.content.split()) == 10


@pytest.mark.parametrize("path", [*PAGES[1:], "/account/2fa/recovery-codes/download/"])
def test_an_old_sign_in_is_asked_again_before_secrets_are_shown(path):
    answer = signed_in(enrolled(), seconds_ago=31 * 60).get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/reauthenticate/")


def test_the_password_alone_no_longer_signs_in():
    enrolled()
    client = Client()
    answer = first_step(client)
    assert answer.headers["Location"] == "/account/2fa/authenticate/"
    assert not is_signed_in(client)
    page = client.get("/account/2fa/authenticate/")
    assert page.status_code == 200
    assert "style=" not in page.content.decode()
    client.post("/account/2fa/authenticate/", {"code": code()})
    assert is_signed_in(client)


def test_a_code_works_once():
    enrolled()
    now = code()
    for answer in (302, 200):
        client = Client()
        first_step(client)
        assert client.post("/account/2fa/authenticate/", {"code": now}).status_code == answer


def test_a_recovery_code_signs_in_once():
    user = enrolled()
    codes = user.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()
    for answer in (302, 200):
        client = Client()
        first_step(client)
        assert client.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == answer


def test_codes_are_guessed_at_no_more_often_than_passwords():
    enrolled()
    for _attempt in range(8):
        client = Client()
        first_step(client)
        answer = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert answer.status_code == 429
    assert first_step(Client()).status_code == 429


def test_typing_the_password_again_does_not_forgive_wrong_codes():
    enrolled()
    client = Client()
    first_step(client)
    for _attempt in range(7):
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    first_step(client)
    assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 429
    assert client.post("/account/2fa/authenticate/", {"code": code()}).status_code == 429
    assert not is_signed_in(client)


def test_confirming_by_code_or_password_leads_back():
    client = signed_in(enrolled(), seconds_ago=3600)
    asked = client.get("/account/2fa/recovery-codes/")
    by_code = asked.headers["Location"].replace("/account/", "/account/2fa/", 1)
    assert client.get(asked.headers["Location"]).status_code == 200
    assert client.get(by_code).status_code == 200
    answer = client.post(by_code, {"code": code()})
    assert answer.headers["Location"] == "/account/2fa/recovery-codes/"
    assert client.get("/account/2fa/recovery-codes/").status_code == 200


def test_wrong_codes_when_confirming_lock_too():
    client = signed_in(enrolled(), seconds_ago=3600)
    for _attempt in range(8):
        answer = client.post("/account/2fa/reauthenticate/", {"code": "000000"})
    assert answer.status_code == 429


def test_turning_off_removes_the_recovery_codes():
    client = signed_in(enrolled())
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()


# ------------------------------------------------------------- REQUIRE_TWO_FACTOR


@pytest.fixture
def _required(settings):
    settings.REQUIRE_TWO_FACTOR = True


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        ("Associate", True),
        ("Store Manager", True),
        ("Admin", True),
        ("Corporate Operations", True),
        ("Viewer", False),
        ("Merchandiser", False),
        (None, False),
    ],
)
def test_whose_roles_need_it(role, asked):
    assert needs_second_factor(person("anna", *[role] if role else [])) is asked


@pytest.mark.usefixtures("_required")
def test_every_page_but_enrolment_is_closed_until_it_is_done():
    client = signed_in(person("anna", "Associate", is_staff=True))
    for method in (client.get, client.post):
        answer = method("/admin/")
        assert answer.headers["Location"] == "/account/2fa/totp/activate/?required"
    page = client.get("/account/2fa/totp/activate/?required")
    assert "Your role signs in with a second factor" in page.content.decode()
    secret = re.search(r'id="secret"[^>]*value="([A-Z2-7]+)"', page.content.decode())[1]
    client.post("/account/2fa/totp/activate/", {"code": code(secret)})
    assert client.get("/admin/").status_code == 200
    client.post("/account/2fa/totp/deactivate/")
    assert client.get("/admin/").status_code == 302
    assert client.get("/livez").status_code == 200


@pytest.mark.usefixtures("_required")
def test_a_swap_is_not_filled_with_the_enrolment_page():
    client = signed_in(person("anna", "Associate", is_staff=True))
    answer = client.get("/admin/", headers={"hx-request": "true"})
    assert answer.headers["HX-Redirect"] == "/account/2fa/totp/activate/?required"


@pytest.mark.usefixtures("_required")
def test_a_superuser_is_no_exception_and_a_viewer_is_left_alone():
    boss = signed_in(person("boss", is_staff=True, is_superuser=True))
    assert boss.get("/admin/").status_code == 302
    assert signed_in(person("anna", "Viewer", is_staff=True)).get("/admin/").status_code == 200


def test_it_is_off_unless_asked_for():
    client = signed_in(person("anna", "Associate", is_staff=True))
    assert client.get("/admin/").status_code == 200
