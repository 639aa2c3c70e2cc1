"""Tokens: how one gets them, what they reach, and that nobody can read them back (CONTRACT §1)."""

import base64
import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from omnichannel.accounts import scopes, tokens
from omnichannel.accounts.models import AccessToken, ApiClient, User
from omnichannel.locations.models import LocationAccess
from tests.api.calling import SECRET, api_client, caller, with_token
from tests.people import OWN, PASSWORD, person

pytestmark = pytest.mark.django_db
TOKEN = "/v0/token"
REALM = "/auth/realms/demo/protocol/openid-connect/token"
GRANT = {"grant_type": "password", "username": "ada", "password": PASSWORD}
CLIENT = {"grant_type": "client_credentials", "client_id": "erp-client", "client_secret": SECRET}
LEGACY, NEW = "/v0/locations", "/iam/roles"


@pytest.fixture
def ada() -> User:
    return person("ada", "Store Manager")


@pytest.fixture
def erp() -> ApiClient:
    return api_client(person("erp", "Store Manager", kind="INTEGRATION"))


def as_json(client, path, body, **options):
    return client.post(path, json.dumps(body), "application/json", **options)


def basic(name: str, secret: str) -> dict[str, str]:
    pair = f"{quote(name)}:{quote(secret)}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def use(token: str, path: str = LEGACY):
    return with_token(token)("GET", path)


def test_a_password_gives_a_token_by_form_and_by_json(client, ada):
    for answer in (client.post(TOKEN, GRANT), as_json(client, TOKEN, GRANT)):
        body = answer.json()
        assert answer.status_code == 200
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 86_400)
        assert body["scope"].split() == list(scopes.SCOPES)
        assert use(body["access_token"]).status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_secret_gives_a_token_by_form_json_and_basic_at_both_addresses(client, erp):
    grant = {"grant_type": "client_credentials"}
    headers = basic("erp-client", SECRET)
    for path in (TOKEN, REALM):
        answers = [
            client.post(path, CLIENT),
            as_json(client, path, CLIENT),
            client.post(path, grant, headers=headers),
        ]
        assert [a.status_code for a in answers] == [200, 200, 200]
        assert {use(a.json()["access_token"]).status_code for a in answers} == {200}
    body = answers[0].json()
    assert (body["refresh_expires_in"], body["not-before-policy"]) == (0, 0)
    assert "refresh_token" not in body


def test_a_realm_of_somebody_else_is_not_here(client, erp):
    answer = client.post(REALM.replace("demo", "acme"), CLIENT)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "resource_not_found")


@pytest.mark.parametrize("name", ["password", "client_secret", "refresh_token"])
def test_a_secret_in_the_address_is_refused_although_it_is_right(client, ada, name):
    answer = client.post(f"{TOKEN}?{name}={quote(PASSWORD)}", GRANT)
    assert answer.status_code == 400
    assert f"query parameter {name} is not allowed" in answer.json()["message"]
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"password": "wrong"}, 401, "invalid_grant"),
        ({"username": "nobody-here"}, 401, "invalid_grant"),
        ({"username": "ADA"}, 401, "invalid_grant"),
        ({"username": "ada\0"}, 400, None),
        ({"username": ""}, 400, "invalid_request"),
        ({"password": "x" * 2_000}, 400, "invalid_request"),
        ({"grant_type": "magic"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"scope": "locations:read root"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "omrt_x"}, 400, "invalid_grant"),
    ],
)
def test_what_is_wrong_is_refused_in_the_words_of_the_standard(client, ada, change, status, error):
    answer = as_json(client, TOKEN, GRANT | change)
    assert answer.status_code == status
    body = answer.json()
    assert error is None or body["error"] == error
    assert {"error_code", "message", "detail", "request_id"} <= body.keys()
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b"3", b'"x"', b"null", b"{", b"\xff", b'{"username": 3}'])
def test_a_body_of_another_kind_is_refused(client, body):
    answer = client.post(TOKEN, body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "invalid_data"


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Basic " + base64.b64encode(b"no colon").decode(), "Basic /w=="],
)
def test_a_basic_header_that_cannot_be_read_is_refused(client, erp, header):
    answer = client.post(
        TOKEN, {"grant_type": "client_credentials"}, headers={"Authorization": header}
    )
    assert answer.status_code == 400


def test_a_wrong_secret_is_refused_and_after_some_of_them_the_right_one_too(client, erp):
    for _ in range(8):
        assert client.post(TOKEN, CLIENT | {"client_secret": "guess"}).status_code in (401, 429)
    answer = client.post(TOKEN, CLIENT)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert not AccessToken.objects.exists()


def test_more_than_the_limit_of_an_address_is_429(client, few_at_once):
    statuses = [client.post(TOKEN, {"grant_type": "magic"}).status_code for _ in range(4)]
    assert statuses == [400, 400, 400, 429]
    elsewhere = client.post(TOKEN, {"grant_type": "magic"}, REMOTE_ADDR="10.0.0.9")
    assert elsewhere.status_code == 400


def test_one_with_a_second_factor_is_sent_to_an_api_client(client, ada, settings):
    settings.REQUIRE_TWO_FACTOR = True
    answer = client.post(TOKEN, GRANT)
    assert answer.status_code == 403
    assert "API client" in answer.json()["message"]


def test_a_refresh_token_counts_once_and_never_reads(client, ada):
    first = client.post(TOKEN, GRANT).json()
    assert use(first["refresh_token"]).status_code == 403
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = client.post(TOKEN, renew)
    assert second.status_code == 200
    assert use(second.json()["access_token"]).status_code == 200
    assert client.post(TOKEN, renew).status_code == 400
    access = {"grant_type": "refresh_token", "refresh_token": first["access_token"]}
    assert client.post(TOKEN, access).status_code == 400


def test_without_a_token_401_and_with_a_dead_one_403_or_of_the_new_generation_401(ada):
    token = tokens.issue(ada, scopes.SCOPES).access_token
    assert use(token).status_code == 200
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for text, legacy, new in (("", 401, 401), (token, 403, 401), ("omat_nonsense", 403, 401)):
        assert use(text).status_code == legacy
        assert use(text, NEW).status_code == new
    assert use("").headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Token x", "Bearer é", "Bearer " + "x" * 5_000],
)
def test_whatever_the_header_says_is_answered(header):
    answer = Client().get(LEGACY, headers={"Authorization": header})
    assert answer.status_code in (401, 403)
    assert answer.json()["request_id"]


def test_the_word_bearer_is_read_in_any_case(ada):
    token = tokens.issue(ada, scopes.SCOPES).access_token
    assert Client().get(LEGACY, headers={"Authorization": f"bearer {token}"}).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda user, client: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user, client: ApiClient.objects.update(is_active=False),
        lambda user, client: ApiClient.objects.update(secret_digest=tokens.digest("another")),
    ],
    ids=["user left", "client switched off", "secret changed"],
)
def test_a_token_of_a_client_ends_with_what_it_was_given_for(erp, change):
    token = tokens.issue(erp.user, scopes.SCOPES, client=erp).access_token
    assert use(token).status_code == 200
    change(erp.user, erp)
    assert use(token).status_code == 403


def test_a_token_of_a_person_ends_with_the_password(ada):
    token = tokens.issue(ada, scopes.SCOPES).access_token
    ada.set_password("another long password")
    ada.save()
    assert use(token).status_code == 403


def test_roles_and_stores_count_as_they_are_at_the_call(world):
    own = {"stock_scope": OWN, "document_scope": OWN}
    user = person("berlin", "Store Manager", stores=(world.berlin,), **own)
    call = caller(user)

    def seen() -> list[str]:
        return [row["id"] for row in call("GET", LEGACY).json()["locations"]]

    assert seen() == ["DE-01"]
    assert call("GET", "/v0/locations/JP-01").status_code == 404
    assert call("GET", "/v0/stores/JP-01/products").status_code == 404
    LocationAccess.objects.create(user=user, location=world.tokyo)
    assert seen() == ["DE-01", "JP-01"]
    LocationAccess.objects.filter(user=user).delete()
    assert seen() == []
    user.groups.clear()
    assert call("GET", LEGACY).status_code == 403


def test_a_token_reaches_as_far_as_its_scopes(client, erp):
    asked = client.post(TOKEN, CLIENT | {"scope": "locations:read"}).json()
    assert asked["scope"] == "locations:read"
    assert use(asked["access_token"]).status_code == 200
    answer = use(asked["access_token"], "/v0/stores/DE-01/products")
    assert answer.status_code == 403
    assert "inventory:stock:read" in answer.json()["message"]


def test_a_client_is_given_no_scope_beyond_its_own(client, erp):
    ApiClient.objects.update(scopes=["locations:read", "event-stream:read"])
    assert set(client.post(TOKEN, CLIENT).json()["scope"].split()) == {
        "locations:read",
        "event-stream:read",
    }
    refused = client.post(TOKEN, CLIENT | {"scope": "inventory:stock:read"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_a_client_may_have_shorter_tokens(client, erp):
    ApiClient.objects.update(token_seconds=600)
    assert client.post(TOKEN, CLIENT).json()["expires_in"] == 600
    left = AccessToken.objects.get().expires_at - timezone.now()
    assert timedelta(seconds=590) < left <= timedelta(seconds=600)


def test_last_use_is_written_to_the_minute(client, erp):
    token = client.post(TOKEN, CLIENT).json()["access_token"]
    assert ApiClient.objects.get().last_used_at is not None
    assert AccessToken.objects.get().last_used_at is None
    use(token)
    first = AccessToken.objects.get().last_used_at
    use(token)
    assert AccessToken.objects.get().last_used_at == first is not None
    AccessToken.objects.update(last_used_at=first - timedelta(seconds=61))
    use(token)
    assert AccessToken.objects.get().last_used_at >= first


def test_no_row_of_any_table_holds_a_token_or_a_secret(client, ada, erp):
    given = [
        *(client.post(TOKEN, GRANT).json()[name] for name in ("access_token", "refresh_token")),
        client.post(REALM, CLIENT).json()["access_token"],
        client.post(TOKEN, CLIENT | {"client_secret": "a wrong secret"}) and "a wrong secret",
        client.post(TOKEN, GRANT | {"password": "a wrong password"}) and "a wrong password",
        SECRET,
        PASSWORD,
    ]
    use(given[0])
    assert holding(given) == []
    AccessToken.objects.update(prefix=given[0][:16])
    assert holding([given[0][:16]]) == ["accounts_accesstoken"], "control: the search finds"


def holding(texts: list[str]) -> list[str]:
    """The tables of which some row holds any of the texts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t, unnest(%s::text[]) AS secret'
                " WHERE position(secret IN row_to_json(t)::text) > 0",
                [texts],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_what_has_ended_is_forgotten(ada):
    tokens.issue(ada, scopes.SCOPES)
    tokens.issue(ada, scopes.SCOPES)
    first = AccessToken.objects.earliest("pk")
    AccessToken.objects.filter(pk=first.pk).update(expires_at=timezone.now())
    assert tokens.forget_ended() == 1
    assert not AccessToken.objects.filter(pk=first.pk).exists()
