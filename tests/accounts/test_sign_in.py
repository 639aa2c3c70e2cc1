import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from omnichannel.accounts.adapter import client_address
from omnichannel.accounts.models import User
from tests.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: object):
    return client.post(LOGIN, {"login": username, "password": password}, **more)


def is_signed_in(client: Client) -> bool:
    return client.get("/account/password/change/").status_code == 200


def test_login_page_is_ours():
    page = Client().get(LOGIN)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Sign in" in text
    assert "sign up" not in text.lower()
    assert "style=" not in text
    assert "<script>" not in text
    assert "'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_sign_up_and_password_reset_do_not_exist():
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    for name in ("account_signup", "account_reset_password", "account_email", "mfa_add_webauthn"):
        assert name not in names
        with pytest.raises(NoReverseMatch):
            reverse(name)
    for path in (
        "signup",
        "password/reset",
        "email",
        "confirm-email",
        "login/code",
        "2fa/webauthn",
    ):
        assert Client().get(f"/account/{path}/").status_code == 404
        assert Client().post(f"/account/{path}/", {"username": "x"}).status_code == 404


def test_sign_in_makes_a_browser_session_that_javascript_cannot_read():
    person("anna")
    client = Client()
    answer = sign_in(client, "anna", query_params={"next": "/account/2fa/"})
    assert answer.status_code == 302
    cookie = answer.cookies["session"]
    assert cookie["max-age"] == ""
    assert cookie["expires"] == ""
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    left = Session.objects.get(pk=cookie.value).expire_date - timezone.now()
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)
    assert is_signed_in(client)


def test_the_session_key_changes_at_sign_in():
    person("anna")
    client = Client()
    client.session.save()
    before = client.cookies["session"].value if "session" in client.cookies else None
    session = client.session
    session["seen"] = 1
    session.save()
    client.cookies["session"] = before = session.session_key
    sign_in(client, "anna")
    assert client.cookies["session"].value != before
    assert not Session.objects.filter(pk=before).exists()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\thttps://evil.example",
        "https://testserver.evil.example/",
    ],
)
def test_next_leads_nowhere_else(target):
    person("anna")
    client = Client()
    page = client.get(LOGIN, {"next": target})
    assert page.status_code == 200
    answer = client.post(LOGIN, {"login": "anna", "password": PASSWORD, "next": target})
    assert "evil" not in answer.headers.get("Location", "")
    assert "javascript" not in answer.headers.get("Location", "")


def test_next_within_the_site_is_followed():
    person("anna")
    answer = Client().post(
        LOGIN, {"login": "anna", "password": PASSWORD, "next": "/account/2fa/?a=1"}
    )
    assert answer.headers["Location"] == "/account/2fa/?a=1"


def test_signed_in_users_are_led_past_the_login_page():
    answer = signed_in(person("anna")).get(LOGIN, {"next": "/account/2fa/"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/2fa/"


def test_a_wrong_password_and_an_unknown_user_look_alike():
    person("anna")
    texts = [
        re.sub(r'value="[^"]*"', "", sign_in(Client(), name, "wrong password").content.decode())
        for name in ("anna", "nobody-of-this-name")
    ]
    assert texts[0] == texts[1]
    assert 'role="alert"' in texts[0]


def test_sign_out_needs_a_post():
    client = signed_in(person("anna"))
    assert client.get("/account/logout/").status_code == 200
    assert is_signed_in(client)
    assert client.post("/account/logout/").headers["Location"] == LOGIN
    assert not is_signed_in(client)


def test_forms_are_guarded_against_forgery():
    person("anna")
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "anna").status_code == 403


def test_eight_failures_lock_the_user_here_and_nobody_else():
    person("anna")
    person("bert")
    client = Client()
    for _attempt in range(7):
        assert sign_in(client, "anna", "wrong").status_code == 200
    locked = sign_in(client, "anna", "wrong")
    assert locked.status_code == 429
    assert "Too many failed attempts" in locked.content.decode()
    assert "style=" not in locked.content.decode()
    assert sign_in(client, "anna").status_code == 429
    assert not is_signed_in(client)
    assert sign_in(Client(), "bert").status_code == 302
    assert sign_in(Client(REMOTE_ADDR="10.1.2.3"), "anna").status_code == 302


@pytest.mark.parametrize("spelled", ["ANNA", " anna ", "AnNa"])
def test_spelling_the_name_differently_buys_no_attempts(spelled):
    person("anna")
    for attempt in range(8):
        sign_in(Client(), "anna" if attempt % 2 else spelled, "wrong")
    assert sign_in(Client(), "anna").status_code == 429


def test_changing_the_browser_or_a_forged_proxy_header_buys_no_attempts():
    person("anna")
    for attempt in range(8):
        client = Client(
            HTTP_USER_AGENT=f"agent {attempt}", HTTP_X_FORWARDED_FOR=f"10.0.0.{attempt}"
        )
        sign_in(client, "anna", "wrong")
    assert sign_in(Client(), "anna").status_code == 429


def test_the_lock_opens_after_fifteen_minutes_and_not_before():
    person("anna")
    for _attempt in range(8):
        sign_in(Client(), "anna", "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert sign_in(Client(), "anna").status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(Client(), "anna").status_code == 302


def test_success_forgets_the_failures_and_no_secret_is_recorded():
    person("anna")
    for _attempt in range(5):
        sign_in(Client(), "anna", "my real password?")
    assert "my real password?" not in AccessAttempt.objects.get().post_data
    sign_in(Client(), "anna")
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize(
    ("hops", "header", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "10.9.9.9", "192.0.2.1"),
        (1, "10.9.9.9", "10.9.9.9"),
        (1, "1.1.1.1, 10.9.9.9", "10.9.9.9"),
        (2, "1.1.1.1, 10.9.9.9, 10.8.8.8", "10.9.9.9"),
        (2, "10.9.9.9", "192.0.2.1"),
        (1, "not an address", None),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_the_one_our_proxy_saw(rf, settings, hops, header, address):
    settings.PROXY_COUNT = hops
    request = rf.get("/", REMOTE_ADDR="192.0.2.1")
    if header:
        request.META["HTTP_X_FORWARDED_FOR"] = header
    assert client_address(request) == address


def test_a_server_on_a_socket_knows_no_address_and_still_signs_in():
    person("anna")
    client = Client(REMOTE_ADDR="")
    assert sign_in(client, "anna", "wrong").status_code == 200
    assert sign_in(client, "anna").status_code == 302


def test_a_disabled_user_is_out_at_once_and_does_not_come_back():
    anna = person("anna")
    client = signed_in(anna)
    assert is_signed_in(client)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert not is_signed_in(client)
    answer = sign_in(client, "anna", follow=True)
    assert "closed" in answer.content.decode()
    assert not is_signed_in(client)


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one():
    anna = person("anna")
    here, there = signed_in(anna), signed_in(anna)
    new = "another fine password 7"
    answer = here.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(there)


@pytest.mark.parametrize("bad", ["short", "password1234", "annaannaanna", PASSWORD + "x"])
def test_a_weak_or_mistyped_password_is_refused(bad):
    anna = person("annaannaanna")
    answer = signed_in(anna).post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": bad, "password2": bad if len(bad) < 20 else "y"},
    )
    assert answer.status_code == 200
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_a_stolen_session_cannot_try_passwords_for_ever():
    client = signed_in(person("anna"))
    for attempt in range(25):
        answer = client.post(
            "/account/password/change/",
            {"oldpassword": f"guess {attempt}", "password1": "x", "password2": "x"},
        )
    assert answer.status_code == 429
    assert "Wait a minute" in answer.content.decode()
