"""The whole of `manage.py up`, with real processes that are killed."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.embedded.runs import ROOT, Run, alive, command, environment, eventually, free_port, up

CHILDREN = {
    "postgres": "postgres",
    "valkey": "valkey-server",
    "web": "granian",
    "worker": "--beat",
    "jobs": "--queues jobs",
}


@pytest.fixture(scope="module")
def run(var: Path) -> Iterator[Run]:
    """One run for all that leave it running."""
    run = Run(var)
    run.sql("CREATE TABLE witness (word text)")
    run.sql("INSERT INTO witness VALUES ('kept')")
    yield run
    family = run.family
    run.stop()
    assert alive(family) == []


def test_a_start_tells_where_it_is_and_who_can_log_in(run: Run):
    eventually(lambda: run.answers("/livez"))
    eventually(lambda: run.answers("/readyz"))
    assert f"http://127.0.0.1:{run.port}" in run.told
    assert "createsuperuser" in run.told
    until_ready, _logs, _later = run.told.partition("logs in")
    assert len(until_ready.splitlines()) < 12, run.told


def test_the_secret_key_is_nobody_elses(run: Run):
    key = run.var / "secret_key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_text()) >= 50


def test_only_the_web_server_listens_on_the_network(run: Run):
    ports = {
        line.laddr.port
        for process in run.family
        for line in process.net_connections("inet")
        if line.status == psutil.CONN_LISTEN
    }
    assert ports == {run.port}


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_nobody_but_the_supervisor_holds_the_guards_pipe(run: Run):
    guard = run.child("guard.py")
    assert guard
    pipe = os.readlink(f"/proc/{guard.pid}/fd/0")
    holders = {
        process.pid
        for process in [run.supervisor, *run.family]
        for name in os.listdir(f"/proc/{process.pid}/fd")
        if os.path.islink(link := f"/proc/{process.pid}/fd/{name}") and os.readlink(link) == pipe
    }
    assert holders == {run.supervisor.pid, guard.pid}


def test_a_second_start_on_the_same_folder_is_refused_in_one_line(run: Run):
    refused = up(run.var, free_port())
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"process {run.supervisor.pid}" in refused.stderr
    eventually(run.answers)


def test_another_command_finds_the_running_servers(run: Run):
    ask = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
    told = subprocess.run(
        [sys.executable, "manage.py", "with_servers", sys.executable, "-c", ask],
        cwd=ROOT,
        env=environment(run.var, run.port),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.split() == [run.address("DATABASE_URL"), run.address("REDIS_URL")]


@pytest.mark.parametrize("name", ["valkey", "web", "worker", "jobs", "guard.py", "postgres"])
def test_a_killed_child_comes_back_and_the_data_with_it(run: Run, name: str):
    word = CHILDREN.get(name, name)
    first = run.child(word)
    assert first
    below = first.children(recursive=True)
    first.kill()
    eventually(lambda: (now := run.child(word)) and now.pid != first.pid)
    eventually(run.answers)
    eventually(lambda: not alive(below))
    assert run.sql("SELECT word FROM witness") == [("kept",)]
    if name in CHILDREN:
        assert f"{name} died (SIGKILL) and is started again; its log is" in run.told


def test_one_web_process_killed_is_replaced(run: Run):
    web = run.child("granian")
    assert web

    def serving() -> set[psutil.Process]:
        return {child for child in web.children() if "granian" in command(child)}

    before = eventually(lambda: len(found := serving()) == 2 and found)
    min(before, key=lambda child: child.pid).kill()
    eventually(lambda: len(now := serving()) == 2 and now != before)
    eventually(run.answers)
    assert run.child("granian") == web


def test_a_taken_port_is_one_line_and_nothing_is_started(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = up(tmp_path / "var", port)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"Port {port} on 127.0.0.1 is taken" in refused.stderr
    assert f"PORT={port + 1}" in refused.stderr
    assert not (tmp_path / "var" / "postgres").exists()


def test_data_of_another_major_version_is_refused_in_one_line(tmp_path: Path):
    data = tmp_path / "var" / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    refused = up(tmp_path / "var", free_port())
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "written by PostgreSQL 12" in refused.stderr
    assert list(data.iterdir()) == [data / "PG_VERSION"]
