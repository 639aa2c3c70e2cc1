"""Counting on the phone: who may be where, what a scan is told, and what a blind count never tells."""

import html
import json
import re
import uuid

import pytest
from django.db import transaction

from counts import actions, queries
from counts.models import Count, CountZone, Observation, ZoneSession
from omnichannel.accounts.models import User
from omnichannel.catalog.models import ScanIdentifier
from tests.deciding import decide
from tests.people import person, signed_in

HOME = "/count/"
NOW = 1_000_000


@pytest.fixture(autouse=True)
def _kinds(floor):
    # What a migration filled is emptied between tests that commit.
    for position, kind in enumerate(("product_id", "sku", "ean"), start=1):
        ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})


@pytest.fixture
def client(floor):
    return signed_in(floor.ann)


def text_of(answer) -> str:
    main = answer.content.decode().partition('<main id="main"')[2] or answer.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def url(count: Count) -> str:
    return f"{HOME}{count.uuid}/"


def enter(client, count: Count, zone: str = "Zone 1", **more):
    return client.post(url(count), {"zone": zone, **more})


def opened(client, count: Count, zone: str = "Zone 1", **more) -> ZoneSession:
    answer = enter(client, count, zone, **more)
    assert answer.status_code == 302, text_of(answer)
    return ZoneSession.objects.get(uuid=answer["Location"].rstrip("/").rpartition("/")[2])


def page(session: ZoneSession) -> str:
    return f"{HOME}session/{session.uuid}/"


def scan(code: str, quantity: int = 1, **more) -> dict:
    return {"key": str(uuid.uuid4()), "at": NOW, "code": code, "quantity": quantity, **more}


def send(client, session: ZoneSession, *scans: dict):
    body = json.dumps({"sent_at": NOW, "scans": scans})
    return client.post(f"{page(session)}scans/", body, content_type="application/json")


def told(answer) -> list[tuple[str, str]]:
    return [(one["kind"], one["text"]) for one in answer.json()["outcomes"].values()]


def act(client, session: ZoneSession, act: str, **more):
    return client.post(page(session), {"act": act, **more}, follow=True)


def units(session: ZoneSession) -> int:
    return sum(
        Observation.objects.filter(session=session, is_late=False, product__isnull=False)
        .values_list("quantity", flat=True)
    )  # fmt: skip


# ------------------------------------------------------------ who sees what
def test_a_full_count_that_is_not_active_is_not_there(floor, client):
    count, cycle = floor.create(name="Everything"), floor.create("CYCLE", 0, name="A few")
    listed = text_of(client.get(HOME))
    assert ("Everything" in listed, "A few" in listed) == (False, True)
    assert client.get(url(count)).status_code == 404
    assert enter(client, count).status_code == 404
    assert client.get(url(cycle)).status_code == 200
    floor.activate(count)
    assert "Everything" in text_of(client.get(HOME))
    assert client.get(url(count)).status_code == 200


def test_a_foreign_stores_count_is_out_of_reach(floor, client):
    count = floor.create("CYCLE", 0, location_ids=[floor.other.pk], name="Theirs")
    theirs = person("theirs", "Associate", stores=(floor.other,))
    session = floor.open(count, "", theirs)
    assert "Theirs" not in text_of(client.get(HOME))
    assert client.get(url(count)).status_code == 404
    assert enter(client, count).status_code == 404
    assert client.get(f"{url(count)}review/").status_code == 404
    assert client.get(page(session)).status_code == 404
    assert act(client, session, "drop").status_code == 404
    assert client.post(f"{page(session)}alive/").status_code == 404
    answer = send(client, session, scan("P0"))
    assert (answer.status_code, answer.json()["message"][:13]) == (404, "This zone is ")
    assert Observation.objects.count() == 0


def test_who_has_two_stores_says_where_he_stands(floor):
    floor.create("CYCLE", 0, name="In the first")
    floor.create("CYCLE", 0, location_ids=[floor.other.pk], name="In the second")
    boss = signed_in(floor.manager)
    asked = text_of(boss.get(HOME))
    assert "Choose your store" in asked
    assert "In the" not in asked
    for store, there, not_there in (("DE-01", "first", "second"), ("DE-02", "second", "first")):
        boss.get(HOME, {"store": store})
        shown = text_of(boss.get(HOME))
        assert (f"In the {there}" in shown, f"In the {not_there}" in shown) == (True, False)
    assert "Choose your store" in text_of(signed_in(floor.manager).get(HOME, {"store": "XX-99"}))


# ------------------------------------------------------------ a zone
def test_a_zone_is_counted_once_however_often_its_scans_are_sent(floor, client):
    floor.post((0, 5), (1, 2))
    count = floor.active()
    session = opened(client, count)
    batch = [scan("P0"), scan("P0", 3), scan("P1", 2)]
    assert told(send(client, session, *batch)) == [
        ("hit", "Product P0: 4"),
        ("hit", "Product P0: 4"),
        ("hit", "Product P1: 2"),
    ]
    for _n in range(3):
        assert send(client, session, *reversed(batch)).status_code == 200
    send(client, session, batch[0], batch[0], scan("P0"))
    assert units(session) == 7
    result = text_of(act(client, session, "complete"))
    assert "7 units counted" in result
    again = act(client, session, "complete")
    assert again.status_code == 409
    assert "Zone 1 is Completed already. Open it again to recount it." in text_of(again)
    assert floor.lines(count)["P0"].counted == 5


def test_the_devices_clock_is_corrected_by_how_far_it_is_off(floor, client):
    count = floor.active()
    Count.objects.filter(pk=count.pk).update(started_at=floor.ago(3600))
    session = opened(client, count)
    body = {"sent_at": 90_000_000, "scans": [scan("P0", at=90_000_000 - 60_000)]}
    client.post(f"{page(session)}scans/", json.dumps(body), content_type="application/json")
    seen = Observation.objects.get()
    assert 59 <= (seen.received_at - seen.observed_at).total_seconds() <= 70


def test_what_nobody_knows_is_kept_until_somebody_does(floor, client):
    count = floor.active()
    Count.objects.filter(pk=count.pk).update(started_at=floor.ago(3600))
    session = opened(client, count)
    answer = send(client, session, scan("???", 4, at=NOW - 600_000))
    assert told(answer)[0][0] == "miss"
    assert "What are these?" in text_of(client.get(page(session)))
    assert act(client, session, "settle:???", means="no such").status_code == 400
    for _n in range(2):
        act(client, session, "settle:???", means="P3")
    assert units(session) == 4
    assert "What are these?" not in text_of(client.get(page(session)))
    kept = Observation.objects.filter(code="???", product__isnull=True)
    assert sorted(kept.values_list("quantity", flat=True)) == [-4, 4]
    ages = [one.received_at - one.observed_at for one in Observation.objects.all()]
    assert min(age.total_seconds() for age in ages) > 590


@pytest.mark.parametrize(
    ("code", "quantity", "cause"),
    [
        ("", 1, "No code was read"),
        ("P0", 40_063_813, "is no quantity"),
        ("P0", -10_000, "is no quantity"),
        ("Zone 2", 1, "Zone 2 is a zone. Complete this one first"),
    ],
)
def test_one_bad_scan_is_refused_and_the_others_are_kept(floor, client, code, quantity, cause):
    count = floor.active()
    floor.zone(count, "Zone 2", by=floor.bob)
    session = opened(client, count)
    bad, good = told(send(client, session, scan(code, quantity), scan("P1")))
    assert (bad[0], good) == ("refused", ("hit", "Product P1: 1"))
    assert cause in bad[1]
    assert list(Observation.objects.values_list("product__product_id")) == [("P1",)]


def test_what_arrives_after_its_zone_was_done_is_kept_and_not_counted(floor, client):
    count = floor.active()
    session = opened(client, count)
    send(client, session, scan("P0"))
    act(client, session, "complete")
    ((kind, text),) = told(send(client, session, scan("P0")))
    assert (kind, "not counted" in text) == ("miss", True)
    assert "1 scan came too late" in text_of(client.get(page(session)))
    assert floor.lines(count)["P0"].counted == 1


def test_taking_back_more_than_was_counted_is_heard_and_refused_at_the_end(floor, client):
    session = opened(client, floor.active())
    send(client, session, scan("P0", 1))
    ((kind, text),) = told(send(client, session, scan("P0", -2)))
    assert (kind, text) == ("miss", "Product P0: -1. More was taken back than counted.")
    answer = act(client, session, "complete")
    assert (answer.status_code, "P0" in text_of(answer)) == (409, True)
    act(client, session, "scan", code="P0", quantity="2")
    act(client, session, "less:P0", key=str(uuid.uuid4()))
    assert units(session) == 0
    act(client, session, "less:P0")
    assert units(session) == 0
    assert act(client, session, "scan", code="P0", quantity="many").status_code == 400
    assert act(client, session, "complete").status_code == 200


# ------------------------------------------------------------ one associate in one zone
def test_two_in_one_zone_the_second_is_told_who_is_there(floor, client):
    count = floor.active()
    session = opened(client, count)
    bob = signed_in(floor.bob)
    refused = enter(bob, count)
    assert refused.status_code == 409
    assert "ann is counting here" in text_of(refused)
    assert "Take over" not in text_of(refused)
    # Asking for it is no permission.
    assert enter(bob, count, take="1").status_code == 409
    assert send(bob, session, scan("P0")).status_code == 409
    assert act(bob, session, "complete").status_code == 409
    assert bob.post(f"{page(session)}alive/").status_code == 410
    assert client.post(f"{page(session)}alive/").status_code == 200
    assert opened(client, count) == session
    assert Observation.objects.count() == 0


def test_a_manager_takes_over_and_what_was_scanned_before_counts(floor, client):
    count = floor.active()
    session = opened(client, count)
    send(client, session, scan("P0", 2))
    boss = signed_in(floor.manager)
    offered = enter(boss, count)
    assert (offered.status_code, "Take over from ann" in text_of(offered)) == (409, True)
    assert opened(boss, count, take="1") == session
    assert client.post(f"{page(session)}alive/").status_code == 410
    assert "manager is counting here now" in text_of(client.get(page(session)))
    ((kind, _text),) = told(send(client, session, scan("P0", 5)))
    assert kind == "miss"
    send(boss, session, scan("P0"))
    act(boss, session, "complete")
    assert floor.lines(count)["P0"].counted == 3


def test_who_was_not_heard_of_for_long_has_put_the_device_away(floor, client):
    count = floor.active()
    session = opened(client, count)
    ZoneSession.objects.filter(pk=session.pk).update(heartbeat_at=floor.ago(301))
    bob = signed_in(floor.bob)
    assert "not heard of for" in text_of(bob.get(url(count)))
    assert opened(bob, count) == session
    session.refresh_from_db()
    assert session.by == floor.bob


def test_phones_and_the_desk_agree_on_who_is_in_which_zone(floor, client):
    """Phones read it without what was counted, which is why they may ask every few seconds."""
    count = floor.active()
    for zone in ("Zone 1", "Zone 2"):
        floor.zone(count, zone, (0, 2))
    ask(floor, count, zones=["Zone 2"])
    floor.open(count, "Zone 3", floor.bob)
    act(client, opened(client, count, "Zone 4"), "drop")
    opened(client, count, "Zone 1", again="1")
    shared = queries.Standing._fields
    desk = [tuple(getattr(zone, name) for name in shared) for zone in queries.zones(count)]
    phone = [tuple(zone) for zone in queries.standing(count)]
    assert phone == desk
    states = ["COUNTING", "COMPLETED", "COUNTING", "NEVER"]
    assert [zone.status for zone in queries.standing(count)] == states
    assert "Completed 1 / 4 Never counted 1 People at it 2" in text_of(client.get(url(count)))


# ------------------------------------------------------------ counted again
def test_a_done_zone_asks_before_it_is_counted_again_and_shows_the_first_result(floor, client):
    count = floor.active()
    first = opened(client, count)
    send(client, first, scan("P0", 4), scan("P1"))
    act(client, first, "complete")
    asked = enter(client, count)
    assert (asked.status_code, "Count it again?" in text_of(asked)) == (200, True)
    second = opened(client, count, again="1")
    assert second.number == 2
    shown = text_of(client.get(page(second)))
    assert "first 5" in shown
    assert "Seen here before, not yet again" in shown
    send(client, second, scan("P0", 3))
    result = text_of(act(client, second, "complete"))
    assert "3 units counted" in result
    assert "First result 5" in result
    assert floor.lines(count)["P0"].counted == 3


def test_a_wanted_recount_is_on_every_phone_at_once(floor, client):
    count = floor.active()
    for zone in ("Zone 1", "Zone 2"):
        floor.zone(count, zone, (0, 2))
    session = opened(client, count, "Zone 3")
    assert "wanted" not in text_of(client.get(f"{url(count)}?part"))
    ask(floor, count, zones=["Zone 1"], product_ids=[floor.products[0].pk])
    assert "3 recounts wanted" in text_of(client.get(f"{url(count)}?part"))
    assert "3 recounts wanted" in text_of(client.get(f"{HOME}?part"))
    assert "3 recounts are wanted" in text_of(client.post(f"{page(session)}alive/"))
    # The zone was asked for, so it opens at once; of the other only the product was.
    assert opened(client, count, "Zone 1").number == 2
    asked = enter(client, count, "Zone 2")
    assert "Count only this" in text_of(asked)
    one = opened(client, count, "Zone 2", product="P0")
    assert one.product_id == floor.products[0].pk
    ((kind, text),) = told(send(client, one, scan("P1")))
    assert (kind, "Scan only Product P0" in text) == ("refused", True)
    send(client, one, scan("P0", 1))
    act(client, one, "complete")
    assert "2 recounts wanted" in text_of(client.get(f"{url(count)}?part"))


def ask(floor, count, **more):
    with transaction.atomic():
        actions.request_recounts(pk=count.pk, by=floor.manager, **more)


# ------------------------------------------------------------ names of zones
def test_a_zone_nobody_planned_is_met_and_marked(floor, client):
    count = floor.active()
    session = opened(client, count, "  Lager-Süd №7 日本 ")
    assert session.zone.name == "Lager-Süd №7 日本"
    assert "Nobody planned this zone" in text_of(client.get(page(session)))


@pytest.mark.parametrize("text", ["", "   ", "=1+1", "@SUM(A1)", "-1", "a" * 65, "\u202ex"])
def test_a_name_that_is_none_is_refused(floor, client, text):
    count = floor.active()
    answer = enter(client, count, text)
    assert answer.status_code == 409
    assert "begins with a letter or a digit" in text_of(answer)
    assert CountZone.objects.count() == 0


def test_a_megabyte_of_zone_is_refused_and_not_shown_again(floor, client):
    answer = enter(client, floor.active(), "Zone " + "1" * 1_000_000)
    assert answer.status_code == 409
    assert len(answer.content) < 100_000
    assert CountZone.objects.count() == 0


def test_where_names_are_not_typed_only_a_scan_opens(floor, client, settings):
    settings.COUNT_TYPED_ZONES = False
    count = floor.active()
    floor.zone(count, "Zone 2")
    refused = enter(client, count, "Zone 1", typed="1")
    assert (refused.status_code, "Scan the code of the zone" in text_of(refused)) == (409, True)
    assert enter(client, count, "Zone 2", typed="1", again="1").status_code == 409
    assert opened(client, count, "Zone 1", typed="").number == 1


# ------------------------------------------------------------ a cycle count
def test_a_cycle_count_from_the_list_to_the_corrected_stock(floor, client):
    floor.post((0, 5), (1, 3), (2, 7))
    count = floor.create("CYCLE", 0, 1, 2)
    session = opened(client, count, "")
    listed = text_of(client.get(page(session)))
    assert "3 products left" in listed
    assert "expected 7" in listed
    assert told(send(client, session, scan("P4")))[0] == (
        "miss",
        "Product P4 is not on the list: 1",
    )
    send(client, session, scan("anything", 6, product="P0"), scan("P1", 3))
    assert "1 product left" in text_of(client.get(page(session)))
    done = act(client, session, "complete")
    assert "Review" in text_of(done)
    review = f"{url(count)}review/"
    shown = text_of(client.get(review))
    assert "1 product agrees with the book" in shown
    assert "Nobody counted it" in shown
    refused = client.post(review, {"act": "complete"})
    assert (refused.status_code, "wait for an answer" in text_of(refused)) == (409, True)
    answers = {"answer:P2": "ZERO", "answer:P4": "LEAVE"}
    completed = client.post(review, {"act": "complete", **answers}, follow=True)
    assert "This count is completed" in text_of(completed)
    assert [floor.held(p) for p in (0, 1, 2, 4)] == [6, 3, 0, 0]
    again = client.post(review, {"act": "complete"}, follow=True)
    assert "This count is completed" in text_of(again)
    assert len(floor.told()) == 1


def test_beyond_the_tolerance_a_manager_completes(floor, client, settings):
    floor.post((0, 5))
    settings.COUNT_TOLERANCE_UNITS = "1"
    count = floor.create("CYCLE", 0)
    session = opened(client, count, "")
    send(client, session, scan("P0", 9))
    act(client, session, "complete")
    review = f"{url(count)}review/"
    given = {"act": "complete", "note": "found behind the shelf"}
    refused = client.post(review, given)
    assert (refused.status_code, "A manager has to" in text_of(refused)) == (409, True)
    assert floor.held(0) == 5
    signed_in(floor.manager).post(review, given)
    assert floor.held(0) == 9


# ------------------------------------------------------------ blind
EXPECTED = 739


def test_a_blind_count_never_tells_what_is_expected(floor, client):
    """No answer of any kind on the way holds the number; the manager's review does (control)."""
    floor.post((0, EXPECTED), (1, EXPECTED))
    count = floor.create("CYCLE", 0, 1, is_blind=True)
    answers = [client.get(HOME), client.get(url(count))]
    session = opened(client, count, "")
    answers += [
        client.get(page(session)),
        client.get(f"{page(session)}?product=P0"),
        send(client, session, scan("P0", 2), scan("???")),
        client.post(f"{page(session)}alive/"),
        act(client, session, "less:P0"),
        act(client, session, "settle:???", means="P0"),
        client.get(f"{url(count)}?part"),
        act(client, session, "complete"),
        client.get(page(session)),
        enter(client, count, ""),
        client.get(f"{url(count)}review/"),
        client.post(f"{url(count)}review/", {"act": "complete"}),
    ]
    assert [answer.status_code for answer in answers[-2:]] == [403, 403]
    assert [held(answer) for answer in answers if held(answer)] == []
    control = signed_in(floor.manager).get(f"{url(count)}review/")
    assert held(control)


def held(answer) -> list[str]:
    """Places of the page's own part where the number stands, as a number."""
    text = answer.content.decode().partition('<main id="main"')[2] or answer.content.decode()
    return re.findall(rf".{{0,20}}(?<![\w.-]){EXPECTED}(?![\w.-]).{{0,20}}", text)


def test_a_blind_recount_shows_the_first_result_only_afterwards(floor, client):
    floor.post((0, 9))
    count = floor.active(is_blind=True)
    first = opened(client, count)
    send(client, first, scan("P0", EXPECTED))
    act(client, first, "complete")
    second = opened(client, count, again="1")
    assert held(client.get(page(second))) == []
    assert held(send(client, second, scan("P0"))) == []
    assert held(act(client, second, "complete"))


def test_what_is_no_act_and_who_may_not_count(floor):
    count = floor.active()
    nobody = signed_in(person("reader", "Merchandiser", stores=(floor.store,)))
    assert nobody.get(HOME).status_code == 403
    assert enter(nobody, count).status_code == 403
    session = floor.open(count)
    assert act(signed_in(floor.ann), session, "explode").status_code == 400
    assert User.objects.filter(username="reader").exists()


# ------------------------------------------------------------ what the configuration lets phones do
@pytest.mark.parametrize("type", ["CYCLE", "FULL"])
def test_a_store_that_does_not_count_opens_no_zone(floor, client, type):
    is_full = type == "FULL"
    count = floor.active() if is_full else floor.create("CYCLE", 0)
    work, other = ("enabled_full_counts_stores", "enabled_counts_stores")[:: 1 if is_full else -1]
    decide(**{other: []})
    begun = opened(client, count)
    assert "Counting is switched off" not in text_of(client.get(HOME))
    decide(**{work: []})
    assert "Counting is switched off" in text_of(client.get(HOME))
    refused = enter(client, count, "Zone 2")
    assert refused.status_code == 409
    assert "switched off for" in text_of(refused)
    assert ZoneSession.objects.filter(count=count).count() == 1
    assert told(send(client, begun, scan("P0")))[0][0] == "hit"


def test_where_quantities_are_not_typed_every_unit_is_scanned(floor, client):
    full = opened(client, floor.active())
    decide(allow_counts_manual_quantity_editing=False)
    assert '<input class="inp scan-q"' in client.get(page(full)).content.decode()
    decide(allow_full_counts_manual_quantity_editing=False)
    assert '<input class="inp scan-q"' not in client.get(page(full)).content.decode()
    answers = told(send(client, full, scan("P0", 7), scan("P0"), scan("P0", -1)))
    assert [kind for kind, _text in answers] == ["refused", "hit", "hit"]
    assert units(full) == 0
