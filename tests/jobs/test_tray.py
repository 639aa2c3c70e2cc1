"""The tray and its page: mine only, everybody's for who may view tools, and no script is needed."""

import re

import pytest
from django.db import transaction

from omnichannel.jobs import actions, lease
from omnichannel.jobs.models import Job
from tests.people import person, signed_in


@pytest.fixture
def people(db, nudges):
    return {
        "mine": person("mine", "Store Manager"),
        "other": person("other", "Store Manager"),
        "tools": person("tools", "Corporate Operations"),
    }


def job_of(user, key: str, **fields) -> Job:
    with transaction.atomic():
        job = actions.start("test.work", params={}, owner=user, key=key, label=f"Label of {key}")
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job


def test_the_page_shows_ones_own_jobs_and_all_to_who_may_view_tools(people):
    job_of(people["mine"], "a")
    job_of(people["other"], "b")
    page = {name: signed_in(user).get("/jobs/").content.decode() for name, user in people.items()}
    assert ("Label of a" in page["mine"], "Label of b" in page["mine"]) == (True, False)
    assert ("Label of a" in page["tools"], "Label of b" in page["tools"]) == (True, True)


def test_the_tray_shows_nobodys_but_ones_own(people):
    job_of(people["mine"], "a")
    assert "Label of a" not in signed_in(people["tools"]).get("/jobs/tray/").content.decode()
    tray = signed_in(people["mine"]).get("/jobs/tray/")
    assert 'data-running="1"' in tray.content.decode()
    assert tray["Cache-Control"] == "private, no-store"


def test_progress_is_told_in_numbers(people):
    job = job_of(people["mine"], "a")
    lease.claim()
    Job.objects.filter(pk=job.pk).update(done=1_200, total=24_000)
    tray = signed_in(people["mine"]).get("/jobs/tray/").content.decode()
    assert '<progress aria-label="Label of a" value="1200" max="24000">' in tray
    assert re.search(r"1,200 of 24,000", tray)


def test_cancelling_and_retrying_come_back_to_the_page_or_the_tray(people):
    job, client = job_of(people["mine"], "a"), signed_in(people["mine"])
    assert client.post(f"/jobs/{job.uuid}/cancel/")["Location"] == "/jobs/"
    again = client.post(f"/jobs/{job.uuid}/cancel/", headers={"X-Tray": "1"})
    assert "nothing to cancel" in again.content.decode()
    tray = client.post(f"/jobs/{job.uuid}/retry/", headers={"X-Tray": "1"}).content.decode()
    assert 'data-state="QUEUED"' in tray


def test_a_strangers_job_is_none(people):
    job, client = job_of(people["mine"], "a"), signed_in(people["other"])
    assert client.post(f"/jobs/{job.uuid}/cancel/").status_code == 404
    assert client.get(f"/jobs/?before={job.uuid}").status_code == 404
    job.refresh_from_db()
    assert job.state == "QUEUED"


@pytest.mark.parametrize("before", ["x", "0", "%00", "00000000-0000-4000-8000-000000000000"])
def test_nonsense_as_a_position_is_no_server_error(people, before):
    assert signed_in(people["mine"]).get(f"/jobs/?before={before}").status_code in {400, 404}


def test_older_jobs_are_a_page_further(people):
    for number in range(51):
        job_of(people["mine"], f"number {number:02}")
    client = signed_in(people["mine"])
    first = client.get("/jobs/").content.decode()
    assert "Label of number 00" not in first
    older = re.search(r'href="(\?before=[^"]+)"', first)[1]
    second = client.get(f"/jobs/{older}").content.decode()
    assert second.count("data-job=") == 1
    assert "Label of number 00" in second


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("/tools/imports/1/", True),
        ("https://evil.example/", False),
        ("//evil.example/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_result_leads_to_this_site_only(people, address, leads):
    job_of(people["mine"], "a", state="DONE", result={"download": address, "open": address})
    tray = signed_in(people["mine"]).get("/jobs/tray/").content.decode()
    assert (f'href="{address}"' in tray) is leads


def test_what_a_job_is_called_is_escaped(people):
    Job.objects.create(
        task="t",
        key="k",
        owner=people["mine"],
        label="<script>x</script>",
        error="<b>",
        state="FAILED",
    )
    tray = signed_in(people["mine"]).get("/jobs/tray/").content.decode()
    assert "<script>" not in tray
    assert "&lt;b&gt;" in tray


def test_nobody_who_is_not_signed_in_sees_anything(client, db):
    assert client.get("/jobs/tray/").status_code == 302
    assert client.get("/jobs/").status_code == 302


def test_every_page_has_the_bell(people):
    page = signed_in(people["mine"]).get("/jobs/").content.decode()
    assert 'data-jobs="/jobs/tray/"' in page
    assert '<noscript><a class="icon-btn" href="/jobs/"' in page
