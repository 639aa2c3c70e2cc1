"""One winner, one result: claims, takeovers, crashes and lost nudges on real PostgreSQL."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.jobs import actions, lease, progress, runners, tasks
from omnichannel.jobs.models import Job
from tests.inventory.test_posting_in_parallel import at_once
from tests.people import person


def expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def now_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_job_runs_once_and_keeps_its_result(begin, runner, nudges):
    runner(lambda job, told: told.tell(3, 3) or {"text": "three"})
    job = begin()
    assert nudges == ["jobs.work"]
    assert (tasks.work(), runners.work()) == (None, 0)
    job.refresh_from_db()
    assert (job.state, job.result, job.done, job.total) == ("DONE", {"text": "three"}, 3, 3)
    assert job.lease_until is None
    assert job.finished_at >= job.started_at


def test_a_job_is_started_inside_a_transaction_only(owner, nudges):
    with pytest.raises(RuntimeError, match="transaction"):
        actions.start("test.work", params={}, owner=owner, key="k", label="x")
    assert not Job.objects.exists()


def test_an_act_that_is_undone_leaves_no_job_and_no_nudge(owner, nudges):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.start("test.work", params={}, owner=owner, key="k", label="x")
        raise ZeroDivisionError
    assert (Job.objects.count(), nudges) == (0, [])


def test_fifty_starts_at_once_with_one_key_are_one_job(begin):
    jobs = at_once([begin] * 50)
    assert {getattr(job, "pk", job) for job in jobs} == {Job.objects.get().pk}


def test_the_same_key_of_another_task_is_another_job(begin):
    assert begin().pk != begin(task="test.other").pk


def test_of_eight_workers_one_claims_a_job(begin):
    begin()
    claims = at_once([lease.claim] * 8)
    assert sorted(claim.lease for claim in claims if claim) == [1]
    assert claims.count(None) == 7


def test_eight_workers_share_eight_jobs(begin):
    for number in range(8):
        begin(str(number))
    claims = at_once([lease.claim] * 8)
    assert len({claim.id for claim in claims}) == 8


def overtaken(begin, runner) -> tuple[Job, list[str]]:
    """A first worker loses its lease in the middle, a second one does the job meanwhile."""
    job, written = begin(), []

    def slow(_job, _told):
        expire(job)
        runner(lambda _job, _told: written.append("second") or {"by": "second"})
        runners.work()
        written.append("first")
        return {"by": "first"}

    runner(slow)
    runners.run(lease.claim())
    job.refresh_from_db()
    return job, written


def test_a_late_worker_changes_nothing_any_more(begin, runner):
    job, written = overtaken(begin, runner)
    assert written == ["second", "first"]
    assert (job.state, job.result, job.lease) == ("DONE", {"by": "second"}, 2)


def test_control_without_the_fence_the_late_worker_writes_over_the_result(
    begin, runner, monkeypatch
):
    for name in ("RENEW", "FINISH"):
        unfenced = getattr(lease, name).replace(lease.MINE, "id = %(id)s")
        monkeypatch.setattr(lease, name, unfenced)
        monkeypatch.setattr(progress, name, unfenced, raising=False)
    job, _written = overtaken(begin, runner)
    assert job.result == {"by": "first"}


def test_a_late_worker_cannot_open_a_transaction(begin, runner):
    job = begin()
    held = lease.claim()
    expire(job)
    lease.claim()
    with pytest.raises(lease.LeaseLost), progress.Telling(held).transaction():
        person("written too late")
    assert not User.objects.filter(username="written too late").exists()


def test_a_job_in_its_transaction_is_not_taken_over_although_its_lease_ran_out(begin):
    job = begin()
    held = lease.claim()
    with progress.Telling(held).transaction():
        # Seen from outside: another worker looks for work.
        at_once([lambda: expire(job)])
        assert at_once([lease.claim]) == [None]
    assert lease.claim().lease == 2


def test_control_a_transaction_that_holds_nothing_is_taken_over(begin):
    job = begin()
    lease.claim()
    with transaction.atomic():
        at_once([lambda: expire(job)])
        assert at_once([lease.claim])[0].lease == 2


def test_progress_is_seen_before_the_transaction_ends(begin):
    job = begin()
    told = progress.Telling(lease.claim())
    with told.transaction():
        told.tell(7, 9)
        seen = at_once([lambda: Job.objects.values_list("done", "total").get(pk=job.pk)])
    told.close()
    assert seen == [(7, 9)]


def test_telling_renews_the_lease(begin):
    job = begin()
    told = progress.Telling(lease.claim())
    expire(job)
    told.tell(1)
    assert lease.claim() is None


def test_a_crash_between_transactions_is_run_again_and_posts_once(begin, runner):
    """Three transactions, each finds out whether it was done; the second run begins anew."""
    runs = []

    def work(job, told):
        runs.append(1)
        for number in range(3):
            with told.transaction():
                User.objects.get_or_create(username=f"posted {number}")
            if number == 1 and len(runs) == 1:
                raise ConnectionError("the machine was switched off")
        return {}

    runner(work)
    job = begin()
    runners.work()
    job.refresh_from_db()
    assert (job.state, job.error) == ("QUEUED", "ConnectionError: the machine was switched off")
    assert User.objects.filter(username__startswith="posted").count() == 2
    assert runners.work() == 0, "it waits before it tries again"
    now_due(job)
    runners.work()
    job.refresh_from_db()
    assert (job.state, job.attempts, len(runs)) == ("DONE", 2, 2)
    assert User.objects.filter(username__startswith="posted").count() == 3


def test_a_worker_that_is_asked_to_end_hands_the_job_on_at_once(begin, runner):
    def interrupted(job, told):
        raise SystemExit

    runner(interrupted)
    job = begin()
    with pytest.raises(SystemExit):
        runners.work()
    runner(lambda job, told: {})
    assert runners.work() == 1
    job.refresh_from_db()
    assert job.state == "DONE"


def test_what_never_works_is_given_up_with_its_cause(begin, runner):
    def broken(job, told):
        raise ValueError("no such column")

    runner(broken)
    job = begin()
    for _attempt in range(lease.MOST_ATTEMPTS):
        now_due(job)
        assert runners.work() == 1
    job.refresh_from_db()
    assert (job.state, job.error) == ("FAILED", "ValueError: no such column")
    now_due(job)
    assert runners.work() == 0


def test_a_job_that_kills_its_workers_is_given_up(begin):
    job = begin()
    for _attempt in range(lease.MOST_ATTEMPTS):
        assert lease.claim() is not None
        expire(job)
    assert lease.claim() is None
    job.refresh_from_db()
    assert job.state == "FAILED"
    assert "10 times" in job.error


def test_a_refusal_fails_at_once_in_its_own_words(begin, runner):
    def refuse(job, told):
        raise ActionError("The count was cancelled.")

    runner(refuse)
    job = begin()
    assert runners.work() == 1
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == ("FAILED", "The count was cancelled.", 1)


def test_a_task_that_this_worker_does_not_know_waits_for_one_that_does(begin, runner):
    job = begin()
    runners.work()
    job.refresh_from_db()
    assert job.state == "QUEUED"
    runner(lambda job, told: {})
    now_due(job)
    runners.work()
    job.refresh_from_db()
    assert job.state == "DONE"


def test_a_waiting_job_is_cancelled_at_once(begin, runner):
    runner(lambda job, told: pytest.fail("it ran"))
    job = begin()
    actions.cancel(pk=job.pk)
    assert runners.work() == 0
    job.refresh_from_db()
    assert job.state == "CANCELLED"


def test_a_running_job_ends_at_its_next_word_and_undoes_what_is_open(begin, runner):
    def work(job, told):
        with told.transaction():
            User.objects.create(username="kept")
        with told.transaction():
            User.objects.create(username="undone")
            at_once([lambda: actions.cancel(pk=job.pk)])
            told.tell(1)

    runner(work)
    job = begin()
    runners.work()
    job.refresh_from_db()
    assert job.state == "CANCELLED"
    assert set(User.objects.values_list("username", flat=True)) == {"owner", "kept"}


def test_a_job_whose_worker_died_can_be_cancelled(begin):
    job = begin()
    lease.claim()
    actions.cancel(pk=job.pk)
    expire(job)
    assert lease.claim() is None
    job.refresh_from_db()
    assert job.state == "CANCELLED"


def test_what_has_ended_cannot_be_cancelled_and_what_is_done_not_retried(begin, runner):
    runner(lambda job, told: {})
    job = begin()
    runners.work()
    with pytest.raises(ActionError, match="ended"):
        actions.cancel(pk=job.pk)
    with pytest.raises(ActionError, match="failed or was cancelled"):
        actions.retry(pk=job.pk)


def test_a_cancelled_job_runs_again_when_asked(begin, runner, nudges):
    job = begin()
    actions.cancel(pk=job.pk)
    actions.retry(pk=job.pk)
    assert nudges == ["jobs.work", "jobs.work"]
    runner(lambda job, told: {})
    assert runners.work() == 1


def test_a_nudge_that_cannot_be_sent_is_counted_and_the_sweep_makes_up(begin, nudges, monkeypatch):
    def unreachable(name, **options):
        raise ConnectionRefusedError("no broker")

    before = actions.FAILED_NUDGES._value.get()
    with monkeypatch.context() as broken:
        broken.setattr(actions.current_app, "send_task", unreachable)
        job = begin()
    assert actions.FAILED_NUDGES._value.get() == before + 1
    assert (Job.objects.get(pk=job.pk).state, nudges) == ("QUEUED", [])
    assert tasks.sweep() == 1
    assert nudges == ["jobs.work"]


def test_the_sweep_finds_what_lost_its_worker_and_leaves_the_rest(begin, nudges):
    job = begin()
    lease.claim()
    nudges.clear()
    assert tasks.sweep() == 0
    expire(job)
    assert tasks.sweep() == 1


def test_two_sweeps_at_once_are_one(begin, nudges):
    begin()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [tasks.SWEEP_LOCK])
        assert at_once([tasks.sweep]) == [0]
    assert tasks.sweep() == 1


def test_ended_jobs_are_forgotten_after_thirty_days(begin, runner):
    runner(lambda job, told: {})
    old, new, waiting = begin("old"), begin("new"), begin("waiting", task="test.unknown")
    runners.work()
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    tasks.forget_the_past()
    assert set(Job.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk}
