import os
import socket
from pathlib import Path

import pytest

from omnichannel.embedded.address import Address, address_from
from omnichannel.embedded.lock import Held, Lock
from omnichannel.embedded.logs import GRAVE, Tail
from omnichannel.embedded.process import CannotStart, fresh_log


def test_by_default_only_this_machine():
    address = address_from({})
    assert (address.host, address.port) == ("127.0.0.1", 8000)
    assert address.names == ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80a", "８０", "1e3", " 80"])
def test_what_is_no_port_is_refused(port: str):
    with pytest.raises(CannotStart, match="is not a port: 1 to 65535"):
        address_from({"PORT": port})


def test_another_host_is_allowed_by_its_name():
    assert "shop.example" in address_from({"HOST": "shop.example"}).names
    assert "[2001:db8::5]" in address_from({"HOST": "[2001:db8::5]"}).names


def test_everywhere_is_every_name_of_this_machine_and_not_a_star():
    names = address_from({"HOST": "0.0.0.0"}).names
    assert socket.gethostname() in names
    assert "*" not in names
    assert address_from({"HOST": "::"}).url == "http://[::1]:8000"


def test_a_host_of_somebody_else_is_one_line():
    with pytest.raises(CannotStart, match=r"Cannot listen on 192\.0\.2\.7, port 8000: .*HOST"):
        Address("192.0.2.7", 8000).refuse_if_taken()
    with pytest.raises(CannotStart, match=r"Cannot listen on no\.such\.host.invalid"):
        Address("no.such.host.invalid", 8000).refuse_if_taken()


def test_the_highest_port_has_a_next_one_too():
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 65535))
        except OSError:
            pytest.skip("somebody has it")
        taken.listen()
        with pytest.raises(CannotStart, match="PORT=1 "):
            Address("127.0.0.1", 65535).refuse_if_taken()


def test_a_lock_is_for_one_and_free_after_him(tmp_path: Path):
    first, second = Lock(tmp_path), Lock(tmp_path)
    first.take(pytest.fail)
    with pytest.raises(Held, match=str(os.getpid())):
        second.take(pytest.fail)
    first.release()
    second.take(pytest.fail)
    second.release()


def test_a_tail_shows_alarms_with_what_follows_them_and_nothing_else(tmp_path: Path):
    log = tmp_path / "web.log"
    log.write_text("2026-01-01 10:00:00,000 ERROR before it was followed\n")
    tail = Tail(log)
    with log.open("a") as file:
        file.write(
            "2026-01-01 10:00:00,000 INFO all is well, no ERROR at all\n"
            "2026-01-01 10:00:00,000 ERROR django.request Internal Server Error\n"
            "Traceback (most recent call last):\n"
            "ValueError: \udcff\n".encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        )
        file.write("[2026-01-01 10:00:01,000: INFO/MainProcess] ready\nhalf a li")
    assert list(tail.news()) == [
        "2026-01-01 10:00:00,000 ERROR django.request Internal Server Error",
        "Traceback (most recent call last):",
        "ValueError: \ufffd",
    ]
    assert list(tail.news()) == []


def test_the_log_of_the_run_before_stays(tmp_path: Path):
    fresh_log(tmp_path / "log", "web").write_text("first")
    assert fresh_log(tmp_path / "log", "web").read_text() == ""
    assert (tmp_path / "log" / "web.log.1").read_text() == "first"


@pytest.mark.parametrize(
    ("line", "alarms"),
    [
        ("2026-01-01 10:00:00,000 WARNING axes a word", True),
        ("2026-01-01 10:00:00,000 INFO axes WARNING is a word", False),
        ("[2026-01-01 10:00:01,000: CRITICAL/MainProcess] gone", True),
        ("[2026-01-01 10:00:01,000: INFO/MainProcess] ERROR is a word", False),
        ("[ERROR] Unexpected exit from worker-1", True),
        ("[INFO] Starting granian", False),
        ("77:M 21 Nov 2026 06:25:22.109 # Out of memory", True),
        ("77:M 21 Nov 2026 06:25:22.109 * Ready to accept connections", False),
    ],
)
def test_the_level_decides_and_not_a_word_in_the_text(tmp_path: Path, line: str, alarms: bool):
    log = tmp_path / "log"
    log.touch()
    tail = Tail(log)
    log.write_text(f"{line}\n")
    assert list(tail.news()) == [line] * alarms


@pytest.mark.parametrize("level", ["ERROR", "LOG", "WARNING"])
def test_of_postgresql_only_what_is_grave(tmp_path: Path, level: str):
    log = tmp_path / "log"
    log.touch()
    tail = Tail(log, GRAVE)
    grave = "2026-11-21 06:25:22.109 UTC [1234] PANIC:  could not write"
    log.write_text(f"2026-11-21 06:25:22.109 UTC [1234] {level}:  FATAL is a word\n{grave}\n")
    assert list(tail.news()) == [grave]
