"""Counts over JSON: the contract's calls and ours, their refusals, and what a blind count hides."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from counts.models import Count, CountLine, Observation
from inventory.models import InventoryTransaction
from omnichannel.accounts import tokens
from omnichannel.accounts.scopes import SCOPES
from omnichannel.catalog.models import ScanIdentifier
from omnichannel.jobs import runners
from tests.people import person

CREATE = "/v0/i/inventory/stores/DE-01/count_tasks"
TASKS = "/v0/i/inventory/count_tasks"
IMPORT = "/v0/i/inventory/stores/DE-01/stock_locations/main/stock_import"


class Caller:
    """A client with a token of one user; every call has a key of its own."""

    def __init__(self, user) -> None:
        token = tokens.issue(user, SCOPES).access_token
        self.client = Client(headers={"Authorization": f"Bearer {token}"})
        self.number = 0

    def key(self, key: str) -> dict[str, str]:
        self.number += 1
        return {"Idempotency-Key": key or f"call-{self.number}"}

    def post(self, path: str, body: object = None, key: str = ""):
        text = body if isinstance(body, str) else json.dumps(body or {})
        return self.client.post(path, text, content_type="application/json", headers=self.key(key))

    def get(self, path: str, **asked: object):
        return self.client.get(path, asked)

    def upload(self, text: str | bytes, key: str = "", path: str = IMPORT, **form: str):
        raw = text.encode() if isinstance(text, str) else text
        file = SimpleUploadedFile("counted.csv", raw, content_type="text/csv")
        values = {"count_type": "cycle_count", **form, "file": file}
        return self.client.post(path, values, headers=self.key(key))


@pytest.fixture
def manager(floor) -> Caller:
    return Caller(floor.manager)


@pytest.fixture
def associate(floor) -> Caller:
    return Caller(floor.ann)


def task(**more: object) -> dict[str, object]:
    return {"external_id": "CC-1", "due_date": "2026-03-01", "count_type": "cycle_count",
            "product_ids": ["P0", "P1"], **more}  # fmt: skip


def made(answer) -> str:
    assert answer.status_code == 201, answer.content
    return f"{TASKS}/{answer.json()['id']}"


# ------------------------------------------------------------------ the contract's calls
def test_a_task_is_made_as_real_clients_make_it(floor, manager):
    answer = manager.post(CREATE, task())
    assert answer.status_code == 201
    assert answer.json()["success"] is True
    assert answer.headers["Location"] == f"{TASKS}/{answer.json()['id']}"
    told = manager.get(answer.headers["Location"]).json()
    assert told["status"] == "pending"
    assert (told["external_id"], told["name"]) == ("CC-1", "CC-1")
    assert (told["stock_location"], told["due_date"]) == ("main", "2026-03-01")
    assert Count.objects.get().lines.count() == 2


def test_an_unknown_product_is_named_as_not_reachable(floor, manager):
    answer = manager.post(CREATE, task(product_ids=["P0", "p1", "P1 ", "nope"]))
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "product_not_reachable"
    assert answer.json()["product_ids"] == ["p1", "P1 ", "nope"]
    assert "nope" in answer.json()["detail"]
    assert not Count.objects.exists()


def test_an_external_id_stands_for_one_count_of_a_store(floor, manager):
    manager.post(CREATE, task())
    again = manager.post(CREATE, task())
    assert again.status_code == 409
    assert again.json()["error_code"] == "count_task_already_exists"
    other = manager.post("/v0/i/inventory/stores/DE-02/count_tasks", task())
    assert other.status_code == 201


def test_the_same_key_is_one_task_and_one_answer(floor, manager):
    first = manager.post(CREATE, task(), key="k")
    again = manager.post(CREATE, task(), key="k")
    assert first.json() == again.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert Count.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"count_type": "half_count"}, 422),
        ({"due_date": "tomorrow"}, 422),
        ({"due_date": 20260301}, 422),
        ({"external_id": ""}, 422),
        ({"external_id": "x" * 257}, 422),
        ({"product_ids": []}, 422),
        ({"product_ids": [7]}, 422),
        ({"product_ids": None}, 400),
        ({"count_type": "full_count"}, 400),
        ({"stock_location": "attic"}, 404),
        ({"stock_location": "_in_transit"}, 400),
        ({"external_id": "a\nb"}, 400),
        ({"product_ids": ["P0", "P0"]}, 201),
    ],
)
def test_bodies_that_are_wrong_and_one_that_is_not(floor, manager, change, status):
    answer = manager.post(CREATE, task(**change))
    assert answer.status_code == status, answer.content
    assert Count.objects.count() == int(status == 201)


def test_stores_that_are_not_there_and_stores_of_others_are_the_same(floor, manager):
    stranger = Caller(person("stranger", "Store Manager", stores=(floor.other,)))
    path = made(manager.post(CREATE, task()))
    assert manager.post("/v0/i/inventory/stores/XX/count_tasks", task()).status_code == 404
    assert stranger.post(CREATE, task(external_id="CC-2")).status_code == 404
    assert stranger.get(path).status_code == 404
    assert stranger.get(TASKS).json()["items"] == []
    for verb in ("activate", "cancel", "complete", "reverse"):
        assert stranger.post(f"{path}/{verb}").status_code == 404
    assert Count.objects.get().status == "PENDING"


def test_a_full_count_of_an_erp_mastered_store_is_refused(floor):
    caller = Caller(person("erp", "Store Manager", stores=(floor.erp,)))
    full = task(count_type="full_count", product_ids=None)
    answer = caller.post("/v0/i/inventory/stores/ERP-1/count_tasks", full)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "not_inventory_master")


# ------------------------------------------------------------------ a count from end to end
def test_a_cycle_count_by_an_associate(floor, manager, associate):
    ScanIdentifier.objects.get_or_create(kind="ean", defaults={"position": 3})
    floor.products[1].identifiers.create(type="EAN", value="4006381333931")
    floor.post((0, 5), (1, 2))
    path = made(manager.post(CREATE, task()))
    opened = associate.post(f"{path}/sessions")
    assert opened.status_code == 201
    session = f"/v0/i/inventory/count_sessions/{opened.json()['id']}"
    body = {
        "observations": [
            {"key": "1", "product_id": "P0", "quantity": 4, "age": 3.5},
            {"key": "2", "code": "4006381333931"},
            {"key": "3", "code": "4006381333931"},
            {"key": "4", "code": "unheard-of"},
        ]
    }
    answer = associate.post(f"{session}/observations", body)
    assert answer.json() == {"success": True, "written": 4, "late": 0, "unknown": ["unheard-of"]}
    assert associate.post(f"{session}/observations", body).json()["written"] == 0
    assert associate.post(f"{session}/keep_alive").json() == {"success": True}
    assert associate.post(f"{session}/complete").json()["status"] == "completed"
    lines = {x["product_id"]: x for x in associate.get(f"{path}/lines").json()["items"]}
    assert (lines["P0"]["variance"], lines["P1"]["variance"]) == (-1, 0)
    answer = associate.post(f"{path}/complete")
    assert answer.json() == {"success": True, "status": "completed"}
    assert floor.held(0) == 4
    assert manager.get(path).json()["status"] == "completed"
    results = manager.get(f"{path}/lines", count=1).json()
    assert results["pagination_info"]["total"] == 2
    assert results["items"][0]["expected"] == 5
    answer = manager.post(f"{path}/reverse", {"note": "wrong shelf"})
    assert answer.status_code == 201
    assert floor.held(0) == 5


def test_a_full_count_with_zones_recounts_and_answers(floor, manager, associate):
    floor.post((0, 5), (1, 2))
    path = made(manager.post(CREATE, task(count_type="full_count", product_ids=None)))
    assert associate.get(path).status_code == 404
    assert associate.post(f"{path}/sessions", {"zone": "Zone 1"}).status_code == 404
    planned = manager.post(f"{path}/zones", {"first": 1, "last": 2}).json()["zones"]
    assert [zone["status"] for zone in planned] == ["never", "never"]
    assert manager.post(f"{path}/activate").status_code == 202
    assert manager.get(path).json()["activating"] is True
    runners.work()
    assert manager.get(path).json()["status"] == "in_progress"

    def count(zone, units):
        session = associate.post(f"{path}/sessions", {"zone": zone}).json()["id"]
        base = f"/v0/i/inventory/count_sessions/{session}"
        seen = [{"key": "1", "product_id": "P0", "quantity": units}]
        assert associate.post(f"{base}/observations", {"observations": seen}).status_code == 200
        assert associate.post(f"{base}/complete").status_code == 200

    count("Zone 1", 3)
    asked = manager.post(f"{path}/recounts", {"product_ids": ["P0"], "zones": ["Zone 2"]})
    assert [(r["zone"], r["product_id"]) for r in asked.json()["recounts"]] == [
        ("Zone 2", None), ("Zone 1", "P0"),
    ]  # fmt: skip
    assert manager.post(f"{path}/complete").status_code == 400
    count("Zone 1", 4)
    left = manager.get(f"{path}/recounts").json()["recounts"]
    withdrawn = manager.client.delete(f"{path}/recounts/{left[0]['id']}")
    assert withdrawn.json() == {"recounts": []}
    assert associate.post(f"{path}/answers", {"answers": {"P1": "zero"}}).status_code == 403
    assert manager.post(f"{path}/complete").status_code == 400
    answered = manager.post(f"{path}/answers", {"answers": {"P1": "zero"}})
    assert answered.json() == {"success": True, "answered": 1}
    assert associate.post(f"{path}/complete").status_code == 403
    assert manager.post(f"{path}/complete").json()["status"] == "completed"
    assert (floor.held(0), floor.held(1)) == (4, 0)


def test_a_late_movement_is_told_and_corrected(floor, manager):
    floor.post((0, 5), at=floor.ago(500))
    path = made(manager.post(CREATE, task(product_ids=["P0"])))
    count = Count.objects.get()
    session = floor.open(count, age=300)
    floor.see(session, (0, 4, 200))
    floor.done(session)
    floor.complete(count)
    floor.post((0, -1), at=floor.ago(250))
    (late,) = manager.get(f"{path}/late_movements").json()["late_movements"]
    assert (late["product_id"], late["quantity"]) == ("P0", -1)
    assert manager.post(f"{path}/late_movements/correct").status_code == 201
    assert manager.get(f"{path}/late_movements").json() == {"late_movements": []}
    assert floor.held(0) == 4


def test_acts_in_a_status_that_has_none_are_409_and_do_nothing(floor, manager):
    path = made(manager.post(CREATE, task()))
    assert manager.post(f"{path}/complete").status_code == 409
    assert manager.post(f"{path}/reverse").status_code == 409
    assert manager.post(f"{path}/cancel").json()["status"] == "cancelled"
    for verb in ("cancel", "complete", "sessions"):
        assert manager.post(f"{path}/{verb}").status_code == 409
    assert not InventoryTransaction.objects.exists()


def test_the_list_is_filtered_and_paged(floor, manager):
    for number in range(3):
        made(
            manager.post(CREATE, task(external_id=f"C{number}", due_date=f"2026-03-0{number + 1}"))
        )
    manager.post("/v0/i/inventory/stores/DE-02/count_tasks", task())
    found = manager.get(TASKS, store_id="DE-01", count=2).json()
    assert [x["external_id"] for x in found["items"]] == ["C2", "C1"]
    assert found["pagination_info"]["total"] == 3
    assert len(manager.get(TASKS, due_from="2026-03-02").json()["items"]) == 2
    assert manager.get(TASKS, status="completed").json()["items"] == []
    assert manager.get(TASKS, status="lost").status_code == 422
    assert manager.get(TASKS, store_id="XX").status_code == 404


# ------------------------------------------------------------------ what a blind count hides
def test_a_blind_count_tells_no_associate_what_is_expected(floor, manager, associate):
    floor.post((0, 4711), (1, 4712))
    path = made(manager.post(CREATE, task(blind=True)))
    count = Count.objects.get()
    answers = [associate.post(f"{path}/sessions")]
    session = f"/v0/i/inventory/count_sessions/{answers[0].json()['id']}"
    seen = [{"key": "1", "product_id": "P0", "quantity": 3}]
    answers.append(associate.post(f"{session}/observations", {"observations": seen}))
    answers.append(associate.post(f"{session}/complete"))
    answers += [associate.get(f"{path}{part}") for part in ("", "/lines", "/zones", "/recounts")]
    answers.append(associate.get(TASKS))
    answers.append(associate.post(f"{path}/answers", {"answers": {"P1": "zero"}}))
    answers.append(associate.post(f"{path}/complete"))
    for answer in answers:
        for secret in ("4711", "4712", "-4708", "4708"):
            assert secret not in answer.content.decode()
    assert answers[-1].status_code == answers[-2].status_code == 403
    assert "4711" in manager.get(f"{path}/lines").content.decode()
    assert floor.lines(count)["P0"].delta == -4708


def test_control_a_count_that_is_not_blind_tells_it(floor, manager, associate):
    floor.post((0, 4711))
    path = made(manager.post(CREATE, task()))
    assert "4711" in associate.get(f"{path}/lines").content.decode()


# ------------------------------------------------------------------ files
def test_a_file_of_counted_products_is_posted_by_a_worker(floor, manager):
    floor.post((0, 5), (1, 2))
    answer = manager.upload("product_id,quantity\nP0,3\nP1,2\nP2,7\n", external_id="F-1")
    path = made(answer)
    assert answer.headers["Location"] == path
    assert manager.get(path).json()["status"] == "in_progress"
    runners.work()
    assert manager.get(path).json()["status"] == "completed"
    assert [floor.held(n) for n in range(3)] == [3, 2, 7]
    (payload,) = floor.told()
    assert (payload["external_id"], payload["count_type"]) == ("F-1", "cycle_count")


def test_a_full_count_by_file_waits_where_something_must_be_asked(floor, manager):
    floor.post((0, 5), (1, 2))
    path = made(manager.upload("\ufeffid;qty\r\nP0;5\r\n", count_type="full_count"))
    runners.work()
    assert manager.get(path).json()["status"] == "in_progress"
    lines = {x["product_id"]: x for x in manager.get(f"{path}/lines").json()["items"]}
    assert (lines["P0"]["expected"], lines["P0"]["variance"]) == (5, 0)
    assert lines["P1"]["question"] == "uncounted"
    manager.post(f"{path}/answers", {"answers": {"P1": "leave"}})
    assert manager.post(f"{path}/complete").json()["status"] == "completed"


def test_while_a_full_count_runs_no_file_is_imported(floor, manager):
    floor.active()
    answer = manager.upload("id,qty\nP0,1\n")
    assert answer.status_code == 400
    assert "full count" in answer.json()["message"]
    assert Count.objects.count() == 1


BAD_FILES = [
    b"", b"id,qty", b"id,qty\n", b"id\nP0\n", b"id,qty\nP0\n", b"id,qty\nP0,-1\n",
    b"id,qty\nP0,1.5\n", b"id,qty\nP0,\n", b"id,qty\n,1\n", b"id,qty\nP0,99999999999\n",
    b"id,qty\nP0,9999999999\n", b"id,qty\nP0,1\nP0,2\n", b"id,qty\nnope,1\n", b"id,qty\nP0,\xff\n",
    b"id,qty\nP0,1\0\n", b'id,qty\n"P0,1\n', b"id,qty\nP0," + "١".encode() + b"\n",
    b"PK\x03\x04garbage", b"id,qty\n" + b"x" * 200_000 + b",1\n",
]  # fmt: skip


@pytest.mark.parametrize("raw", BAD_FILES, ids=range(len(BAD_FILES)))
def test_a_bad_file_is_refused_with_its_cause_and_nothing_is_changed(floor, manager, raw):
    answer = manager.upload(raw)
    if raw == b"id,qty\nP0," + "١".encode() + b"\n":
        # A digit is a digit in every script.
        assert answer.status_code == 201
        return
    assert answer.status_code in {400, 422}, answer.content
    assert answer.json()["message"]
    assert not Count.objects.exists()
    assert not CountLine.objects.exists()
    assert not Observation.objects.exists()


def test_every_bad_row_of_a_file_is_named(floor, manager):
    answer = manager.upload("id,qty\nP0,1\nP1,x\nP2,2\nP3\n")
    assert answer.status_code == 422
    assert [row["row"] for row in answer.json()["rows"]] == [3, 5]


def test_thirty_clients_send_one_batch_and_it_is_written_once(floor, manager, associate):
    path = made(manager.post(CREATE, task()))
    session = associate.post(f"{path}/sessions").json()["id"]
    address = f"/v0/i/inventory/count_sessions/{session}/observations"
    body = {"observations": [{"key": f"{n}", "product_id": "P0"} for n in range(20)]}

    def send(number: int) -> int:
        try:
            return associate.post(address, body, key=f"try-{number}").json()["written"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(send, range(30)))
    assert sorted(written) == [0] * 29 + [20]
    assert Observation.objects.count() == 20
