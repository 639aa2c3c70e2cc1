"""How `manage.py up` ends: in order, with what runs finished, and with nothing left behind."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
from celery import Celery

from tests.embedded.runs import PATIENCE, ROOT, Run, alive, environment, eventually, free_port


def test_a_restart_is_quick_and_keeps_the_data_and_the_running_task_ends(tmp_path: Path, var: Path):
    run = Run(var)
    run.sql("CREATE TABLE IF NOT EXISTS lasting (word text)")
    run.sql("INSERT INTO lasting VALUES ('kept')")
    begun, ended = tmp_path / "begun", tmp_path / "ended"
    Celery(set_as_current=False, broker=run.address("REDIS_URL")).send_task(
        "tests.sleep_and_write", [5, str(begun), str(ended)], queue="default"
    )
    eventually(begun.exists)
    family = run.family
    assert not ended.exists()
    run.stop()
    assert ended.exists()
    assert alive(family) == []
    log = (var / "log" / "guard.log").read_text()
    ended_in_order = [line.split()[0] for line in log.splitlines()]
    assert ended_in_order == ["jobs", "worker", "web", "valkey", "postgres"]
    assert not (var / "run" / "DATABASE_URL").exists()

    again = Run(var)
    assert again.sql("SELECT word FROM lasting") == [("kept",)]
    family = again.family
    again.supervisor.kill()
    eventually(lambda: not alive(family))
    assert not (var / "postgres" / "data" / "postmaster.pid").exists()


def test_control_without_the_guard_orphans_remain_and_the_next_start_copes(var: Path):
    run = Run(var)
    run.sql("CREATE TABLE IF NOT EXISTS orphaned (word text)")
    run.sql("INSERT INTO orphaned VALUES ('kept')")
    family, guard = run.family, run.child("guard.py")
    servers = [child for word in ("postgres", "valkey") if (child := run.child(word))]
    assert guard
    # Stopped, it cannot start another guard.
    run.supervisor.suspend()
    guard.kill()
    run.supervisor.kill()
    eventually(lambda: not alive([run.supervisor, guard]))
    others = [process for process in family if process != guard]
    try:
        assert set(servers) <= set(alive(others))
        again = Run(var)
        assert not alive(servers)
        assert again.sql("SELECT word FROM orphaned") == [("kept",)]
        again.stop()
    finally:
        for process in alive(others):
            process.kill()


def test_ctrl_c_during_the_start_leaves_nothing_behind(var: Path):
    starting = psutil.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=environment(var, free_port()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    eventually(lambda: len(starting.children()) >= 3)
    family = starting.children(recursive=True)
    starting.send_signal(signal.SIGINT)
    _out, errors = starting.communicate(timeout=PATIENCE)
    assert (starting.returncode, errors) == (0, b"")
    assert alive(family) == []
