"""Own choice > cookie > Accept-Language > English, and nothing leaks into the next request."""

import pytest
from django.test import Client
from django.utils.translation import get_language

from omnichannel.accounts.models import User
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db
LOGIN, OWN_PAGE, CHOOSE = "/account/login/", "/account/password/change/", "/account/language/"
GERMAN = {"headers": {"accept-language": "de-AT,de;q=0.9,en;q=0.1"}}


def language_of(answer) -> str:
    """As the page itself, and its header, tell it."""
    told = answer.content.decode().split('<html lang="')[1].split('"')[0]
    assert answer.headers["Content-Language"] == told
    return told


def choose(client: Client, code: str, **more: str):
    return client.post(CHOOSE, {"language": code, **more})


def test_a_stranger_reads_what_his_browser_asks_for():
    assert language_of(Client().get(LOGIN)) == "en"
    answer = Client().get(LOGIN, **GERMAN)
    assert language_of(answer) == "de"
    assert "Anmelden" in answer.content.decode()
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.parametrize("asked", ["xx", "fr", "de; drop", "\u0000", "*", ";q=0", "a" * 600])
def test_an_unknown_language_is_english(asked):
    header = asked.replace("\u0000", "")
    assert language_of(Client().get(LOGIN, headers={"accept-language": header})) == "en"
    client = Client()
    client.cookies["language"] = header
    assert language_of(client.get(LOGIN)) == "en"


def test_the_cookie_of_a_stranger_beats_his_browser():
    client = Client()
    answer = choose(client, "de", next=LOGIN)
    assert (answer.status_code, answer.headers["Location"]) == (302, LOGIN)
    cookie = answer.cookies["language"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("de", "Lax", True)
    assert language_of(client.get(LOGIN)) == "de"
    choose(client, "en")
    assert language_of(client.get(LOGIN, **GERMAN)) == "en"


def test_the_own_choice_beats_the_cookie_and_the_browser():
    user = person("anna")
    client = signed_in(user)
    choose(client, "de")
    user.refresh_from_db()
    assert user.language == "de"
    # At another desk, in a browser that somebody left in English.
    elsewhere = signed_in(user)
    elsewhere.cookies["language"] = "en"
    assert language_of(elsewhere.get(OWN_PAGE, headers={"accept-language": "en"})) == "de"


def test_the_cookie_follows_the_own_choice_to_another_desk():
    client = signed_in(person("anna", language="de"))
    assert client.get(OWN_PAGE).cookies["language"].value == "de"
    assert "language" not in client.get(OWN_PAGE).cookies
    assert language_of(client.get("/no-such-page/")) == "de"


def test_automatic_takes_choice_and_cookie_back():
    user = person("anna", language="de")
    client = signed_in(user)
    answer = choose(client, "")
    user.refresh_from_db()
    assert (user.language, answer.cookies["language"].value) == ("", "")
    assert language_of(client.get(OWN_PAGE)) == "en"
    assert language_of(client.get(OWN_PAGE, **GERMAN)) == "de"


@pytest.mark.parametrize("asked", ["xx", "DE", "de-AT", "de ", "../../etc", "☃", "e" * 5_000])
def test_an_unknown_word_changes_nothing(asked):
    user = person("anna", language="de")
    client = signed_in(user)
    answer = choose(client, asked)
    user.refresh_from_db()
    assert (answer.status_code, user.language) == (302, "de")
    assert answer.cookies["language"].value == "de"


def test_without_a_word_nothing_changes():
    user = person("anna", language="de")
    assert signed_in(user).post(CHOOSE).status_code == 302
    user.refresh_from_db()
    assert user.language == "de"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_no_address_outside_is_followed(target):
    assert choose(Client(), "de", next=target).headers["Location"] == "/"


def test_a_forged_form_chooses_nothing():
    user = person("anna")
    client = signed_in(user, enforce_csrf_checks=True)
    assert choose(client, "de").status_code == 403
    user.refresh_from_db()
    assert user.language == ""


def test_one_user_chooses_for_himself_alone():
    anna, bert = person("anna"), person("bert")
    choose(signed_in(anna), "de")
    bert.refresh_from_db()
    assert bert.language == ""
    assert language_of(signed_in(bert).get(OWN_PAGE)) == "en"


def test_a_language_that_was_taken_away_is_ignored():
    user = person("anna")
    User.objects.filter(pk=user.pk).update(language="tlh")
    assert language_of(signed_in(user).get(OWN_PAGE)) == "en"


def test_the_thread_is_left_as_it_was():
    before = get_language()
    Client().get(LOGIN, **GERMAN)
    signed_in(person("anna", language="de")).get(OWN_PAGE)
    assert get_language() == before


def test_not_found_speaks_the_language_of_the_cookie():
    client = signed_in(person("anna"))
    choose(client, "de")
    answer = client.get("/no-such-page/")
    assert (answer.status_code, language_of(answer)) == (404, "de")


def test_a_refused_request_is_german_for_people_and_english_for_programs():
    page = Client().get("/?q=%00", **GERMAN)
    assert page.status_code == 400
    assert '<html lang="de"' in page.content.decode()
    told = Client().get("/?q=%00", headers={**GERMAN["headers"], "accept": "application/json"})
    assert told.json()["message"].startswith("The request holds characters")
    assert "Content-Language" not in told.headers


def test_probes_have_no_language():
    answer = signed_in(person("anna", language="de")).get("/livez")
    assert answer.content == b"ok\n"
    assert "Content-Language" not in answer.headers
    assert "Vary" not in answer.headers


def test_a_language_costs_no_query(django_assert_max_num_queries):
    english, german = person("anna"), person("bert", language="de")

    def queries(user: User) -> int:
        client = signed_in(user)
        with django_assert_max_num_queries(50) as asked:
            assert client.get(OWN_PAGE).status_code == 200
        return len(asked)

    assert queries(german) == queries(english)


def test_the_menu_says_what_is_chosen():
    client = signed_in(person("anna", language="de"))
    page = client.get("/styleguide/").content.decode()
    assert 'value="de" lang="de" aria-pressed="true"' in page
    assert 'value="en" lang="en" aria-pressed="false"' in page


def test_an_administrator_sets_the_language_of_a_user():
    admin = person("root", is_superuser=True, is_staff=True)
    user = person("anna")
    page = signed_in(admin).get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert '<option value="de">Deutsch</option>' in page


def test_each_language_is_named_in_its_own_words():
    page = Client().get(LOGIN, **GERMAN).content.decode()
    assert 'lang="en" aria-pressed="false">English</button>' in page
    assert 'lang="de" aria-pressed="false">Deutsch</button>' in page
