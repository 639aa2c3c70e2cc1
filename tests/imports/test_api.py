"""`/v0/d/import` as the contract has it: fields, states, one winner, and no way to a private address."""

import io
import json
import uuid
from collections.abc import Callable

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from omnichannel.accounts import scopes, tokens
from omnichannel.catalog.models import Pricebook, Product
from omnichannel.imports import actions, pieces
from omnichannel.imports.models import Import
from omnichannel.jobs.models import Job
from omnichannel.jobs.runners import work
from tests.people import person

from .files import prices, product, products, zipped

BASE = "/v0/d/import"
ZIP = "https://files.example.org/catalogue/products.zip"
ANNOUNCED = {"provider": "erp", "source_uri": "https://erp.example.org/1", "entities": ["products"]}
Call = Callable[..., HttpResponse]


def client_of(user: object, *given: str) -> Client:
    token = tokens.issue(user, given or (scopes.IMPORT_READ, scopes.IMPORT_WRITE)).access_token
    return Client(headers={"Authorization": f"Bearer {token}"})


def caller(client: Client) -> Call:
    """call(path, body or None for GET, key) under BASE."""

    def go(path: str = "", body: object = None, key: str = "") -> HttpResponse:
        if body is None:
            return client.get(BASE + path)
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(
            BASE + path, json.dumps(body), content_type="application/json", headers=headers
        )

    return go


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    send = "omnichannel.jobs.actions.current_app.send_task"
    monkeypatch.setattr(send, lambda *a, **k: None, raising=False)


@pytest.fixture
def call(transactional_db: None) -> Call:
    return caller(client_of(person("erp", "Admin")))


def announced(call: Call, **more: object) -> str:
    answer = call("", ANNOUNCED | more)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def with_file(import_id: str, file: bytes) -> None:
    """As if a worker had fetched it."""
    with transaction.atomic():
        import_ = Import.objects.get(uuid=import_id)
        pieces.keep(import_, io.BytesIO(file))


def done(call: Call, file: bytes, **more: object) -> str:
    """Announced, started and run to its end."""
    import_id = announced(call, **more)
    with_file(import_id, file)
    assert call(f"/{import_id}/start", {"transformed_uri": ZIP}).status_code == 200
    work()
    return import_id


# ------------------------------------------------------------ the way of a file
def test_a_file_goes_its_way_with_every_field_of_the_contract(call):
    sent = ANNOUNCED | {
        "name": "Nightly",
        "revision": 1_763_000_000_123,
        "shop": "s",
        "locale": "en",
    }
    import_id = call("", sent).json()["id"]
    assert call(f"/{import_id}").json() == {
        "import_id": import_id,
        "source": "erp",
        "provider": "erp",
        "entities": ["products"],
        "source_uri": "https://erp.example.org/1",
        "transformed_uri": "",
        "revision": 1_763_000_000_123,
        "name": "Nightly",
        "received_at": call(f"/{import_id}").json()["received_at"],
        "completed_at": None,
        "state": "received",
        "reason": "",
        "full": False,
        "shop": "s",
        "locale": "en",
        "availabilities_store_ids": [],
    }
    with_file(import_id, zipped(products=products(product("P-1"), product(""), product("P-3"))))
    started = call(f"/{import_id}/start", {"transformed_uri": ZIP})
    assert (started.status_code, started.json()["state"]) == (200, "waiting")
    work()
    ended = call(f"/{import_id}").json()
    assert (ended["state"], ended["transformed_uri"]) == ("partially_failed", ZIP)
    assert ended["completed_at"] >= ended["received_at"]
    assert "1 wrong" in ended["reason"]
    (error,) = call(f"/{import_id}/errors").json()["items"]
    assert error.keys() == {"entity_type", "entity_id", "reason", "created_at"}
    assert (error["entity_type"], error["reason"]) == (
        "products",
        "product_id is missing. Every row needs it.",
    )
    (chunk,) = call(f"/{import_id}/chunks").json()["items"]
    assert uuid.UUID(chunk.pop("chunk_id"))
    assert chunk.pop("created_at")
    assert chunk.pop("completed_at")
    assert chunk == {"size": 3, "failed": False, "failure_message": "", "entity": "products"}
    assert sorted(Product.objects.values_list("product_id", flat=True)) == ["P-1", "P-3"]


def test_an_import_without_errors_says_so_in_an_empty_list(call):
    import_id = done(call, zipped(products=products(product("P"))))
    assert call(f"/{import_id}").json()["state"] == "finished"
    told = call(f"/{import_id}/errors").json()
    assert (told["items"], told["pagination_info"]["total"]) == ([], 0)


def test_who_asks_for_errors_without_numbers_is_told_of_more_than_ten(call):
    import_id = done(call, zipped(products=products(*[product("")] * 40, product("P"))))
    assert len(call(f"/{import_id}/errors").json()["items"]) == 40
    assert len(call(f"/{import_id}/errors?count=7&offset=35").json()["items"]) == 5


def test_products_and_prices_of_two_currencies_come_in_one_file(call):
    for name in ("EUR", "GBP"):
        Pricebook.objects.create(name=name, currency=name)
    item = {"product_id": "Größe-µ", "value": 1}
    file = zipped(**{
        "products.json": products(product("Größe-µ", "Ein Schal „warm“ 🧣")),
        "prices/eur.json": prices(item),
        "prices/gbp.json": prices(item | {"value": 2}, pricebook="GBP", currency="GBP"),
    })  # fmt: skip
    import_id = done(call, file, entities=["products", "prices"])
    assert call(f"/{import_id}").json()["state"] == "finished"
    made = Product.objects.get()
    assert made.name == "Ein Schal „warm“ 🧣"
    kept = dict(made.prices.values_list("pricebook__currency", "value"))
    assert kept == {"EUR": 1, "GBP": 2}
    numbers = Import.objects.get(uuid=import_id).chunks.values_list("number", "entity", "file")
    assert sorted(numbers) == [
        (1, "products", "products.json"),
        (2, "prices", "prices/eur.json"),
        (3, "prices", "prices/gbp.json"),
    ]


def test_a_price_in_another_currency_than_its_pricebook_fails_the_file(call):
    Pricebook.objects.create(name="EUR", currency="EUR")
    import_id = done(call, zipped(prices=prices(currency="GBP")), entities=["prices"])
    told = call(f"/{import_id}").json()
    assert (told["state"], "GBP" in told["reason"], "EUR" in told["reason"]) == (
        "failed",
        True,
        True,
    )


# ------------------------------------------------------------ what is refused
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"provider": None}, 422),
        ({"provider": ""}, 422),
        ({"provider": "x" * 257}, 422),
        ({"source_uri": None}, 422),
        ({"entities": None}, 422),
        ({"entities": []}, 422),
        ({"entities": "products"}, 422),
        ({"entities": ["shoes"]}, 422),
        ({"entities": ["dwre_orders"]}, 422),
        ({"name": "\0"}, 400),
        ({"revision": 10**30}, 400),
        ({"revision": "soon"}, 422),
        ({"full": "perhaps"}, 422),
    ],
)
def test_what_is_no_import_is_refused_and_nothing_kept(call, change, status):
    body = {name: value for name, value in (ANNOUNCED | change).items() if value is not None}
    answer = call("", body)
    assert answer.status_code == status, answer.content
    assert answer.json().keys() >= {"error_code", "message", "detail", "request_id"}
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"type": "full"},
        {"revision": -1},
        {"entities": ["products", "products"]},
        {"entities": ["products", "categories"]},
        {"availabilities_store_ids": ["DE-01"]},
        {"something": {"new": 1}},
    ],
)
def test_control_what_real_clients_send_is_taken(call, more):
    import_id = announced(call, **more)
    assert call(f"/{import_id}").json()["entities"][0] == "products"


def test_categories_are_taken_and_told_as_left_out(call):
    file = zipped(products=products(product("P")), categories=b"{}")
    import_id = done(call, file, entities=["categories", "products"])
    assert call(f"/{import_id}").json()["state"] == "finished"
    assert Import.objects.get().ignored == {"categories": 1}


@pytest.mark.parametrize("import_id", ["x", str(uuid.UUID(int=7)), "%00", "x" * 300])
def test_an_unknown_import_is_not_found(call, import_id):
    for path, body in [
        ("", None), ("/errors", None), ("/chunks", None), ("/errors", []),
        ("/start", {"transformed_uri": ZIP}), ("/set_fail", {"reason": "x"}),
    ]:  # fmt: skip
        answer = call(f"/{import_id}{path}", body)
        assert answer.status_code in {404, 400 if import_id == "%00" else 404}, path


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd.zip",
        "s3://bucket/products.zip",
        "http://example.org/products.zip",
        "https://10.0.0.1/products.zip",
        "https://[::ffff:169.254.169.254]/products.zip",
        "https://localhost/products.zip",
        "https://example.org:22/products.zip",
        "https://example.org/products.json",
        "products.zip",
    ],
)
def test_an_address_that_nothing_may_be_fetched_from_starts_nothing(call, address):
    import_id = announced(call)
    answer = call(f"/{import_id}/start", {"transformed_uri": address})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_data")
    assert call(f"/{import_id}").json()["state"] == "received"
    assert not Job.objects.exists()


def test_the_twenty_first_import_is_told_when_to_come_again(call):
    for _number in range(10):
        announced(call)
    full = call("", ANNOUNCED)
    assert (full.status_code, full.headers["Retry-After"]) == (429, "60")
    assert full.json()["error_code"] == "too_many_requests"
    for _number in range(10):
        announced(call, entities=["prices"])
    assert call("", ANNOUNCED | {"entities": ["prices"]}).status_code == 429
    assert Import.objects.count() == actions.MOST_OPEN
    ended = str(Import.objects.filter(entities=["prices"]).first().uuid)
    assert call(f"/{ended}/set_fail", {"reason": "too late"}).status_code == 200
    announced(call, entities=["prices"])


# ------------------------------------------------------------ states
def test_an_import_is_started_once(call):
    import_id = announced(call)
    assert call(f"/{import_id}/start", {"transformed_uri": ZIP}).status_code == 200
    again = call(f"/{import_id}/start", {"transformed_uri": ZIP})
    assert (again.status_code, again.json()["error_code"]) == (400, "invalid_data")
    assert Job.objects.count() == 1


def test_the_same_key_is_one_import_and_one_start(call):
    ids = {call("", ANNOUNCED, key="a").json()["id"] for _number in range(3)}
    (import_id,) = ids
    answers = [call(f"/{import_id}/start", {"transformed_uri": ZIP}, key="b") for _n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert (Import.objects.count(), Job.objects.count()) == (1, 1)


def test_set_fail_ends_an_import_with_its_reason_and_only_once(call):
    import_id = announced(call)
    told = call(f"/{import_id}/set_fail", {"reason": "The file is of last year."}).json()
    assert (told["state"], told["reason"]) == ("failed", "The file is of last year.")
    assert told["completed_at"]
    assert call(f"/{import_id}/set_fail", {"reason": "again"}).status_code == 400
    assert call(f"/{import_id}/start", {"transformed_uri": ZIP}).status_code == 400
    assert call(f"/{import_id}/set_fail", {}).status_code == 422


def test_errors_of_the_integration_are_kept_once_each(call):
    import_id = announced(call)
    one = {
        "error_id": str(uuid.UUID(int=1)),
        "entity_type": "prices",
        "entity_id": "P-1",
        "reason": "no such price",
    }
    for _number in range(2):
        answer = call(f"/{import_id}/errors", [one])
        assert (answer.status_code, answer.json()) == (200, {"acknowledged": True})
    (kept,) = call(f"/{import_id}/errors").json()["items"]
    assert (kept["entity_type"], kept["entity_id"], kept["reason"]) == (
        "prices",
        "P-1",
        "no such price",
    )
    for wrong in ({"entity_id": ""}, {"entity_id": "x" * 256}, {"reason": ""}, {"error_id": "7"}):
        assert call(f"/{import_id}/errors", [one | wrong]).status_code == 422
    assert call(f"/{import_id}/errors", [one] * 1_001).status_code == 400
    assert Import.objects.get().problems.count() == 1


# ------------------------------------------------------------ the list
def test_the_list_is_filtered_sorted_and_paged(call):
    first, second, third = (announced(call, name=name) for name in ("b", "a", "c"))
    call(f"/{second}/set_fail", {"reason": "x"})

    def ids(query: str = "") -> list[str]:
        return [item["import_id"] for item in call(query).json()["items"]]

    assert ids() == [third, second, first]
    assert ids("?sort=name|asc") == [second, first, third]
    assert ids("?filter[state]=failed") == [second]
    assert ids("?filter[state]=failed,received&sort=received_at") == [first, second, third]
    assert ids("?filter[state]=finished") == []
    page = call("?count=2").json()
    assert page["items"][0].keys() == {
        "import_id", "entities", "received_at", "completed_at", "name", "state", "full",
    }  # fmt: skip
    assert page["items"][0]["entities"] == ["products"]
    told = page["pagination_info"]
    assert (told["count"], told["total"], told["offset"], told["prev_url"]) == (2, 3, 0, None)
    assert "offset=2" in told["next_url"]


@pytest.mark.parametrize("query", ["filter[state]=asleep", "sort=owner", "sort=name|up", "sort=|"])
def test_nonsense_is_asked_back(call, query):
    assert call(f"?{query}").status_code == 400


# ------------------------------------------------------------ who may
def test_seeing_tools_does_not_mean_changing_prices(call):
    reader = caller(client_of(person("reader", "Corporate Operations")))
    import_id = announced(call, entities=["prices"])
    assert reader(f"/{import_id}").status_code == 200
    refused = reader("", ANNOUNCED)
    assert (refused.status_code, "catalog.add_product" in refused.json()["message"]) == (403, True)
    for path, body in [
        ("start", {"transformed_uri": ZIP}),
        ("set_fail", {"reason": "x"}),
        ("errors", []),
    ]:
        assert reader(f"/{import_id}/{path}", body).status_code == 403
    assert call(f"/{import_id}").json()["state"] == "received"
