"""Everything that `make run` runs: started in order, kept alive, stopped in order."""

import http.client
import os
import shutil
import signal
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from . import programs, static_files
from .address import Address
from .guard import Guard
from .logs import ALARM, GRAVE, Tail
from .process import CannotStart, Process
from .servers import Servers

# A process that dies more often than this within a minute will not get well by itself.
DEATHS_PER_MINUTE = 3
READY_WITHIN = 90

Say = Callable[[str], None]


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, SIGTERM, or the terminal is gone."""


class Supervisor:
    def __init__(
        self, guard: Guard, address: Address, environment: Mapping[str, str], say: Say
    ) -> None:
        """`say` takes one line for the person at the terminal; nothing is started yet.

        Raises:
            CannotStart: a program is missing, or the data is of another version.
        """
        self.guard, self.address, self.say = guard, address, say
        self.environment = dict(environment)
        self.var = Path(settings.VAR).resolve()
        self.logs = self.var / "log"
        self.servers = Servers(self.var, environment)
        self.launched: list[Process] = list(self.servers.private.values())
        self.tails: dict[Process, Tail] = {}
        self.deaths: dict[Process, deque[float]] = defaultdict(deque)
        self.stop_requests = 0

    def run(self, ready: Callable[[], None]) -> None:
        """Until somebody stops it; `ready` is called when the first page can be asked for.

        Raises:
            CannotStart: something does not come up, or dies again and again.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.request_stop)
        try:
            self.start()
            ready()
            while True:
                self.attend()
        except Stopped:
            self.say(_("Stopping."))
        finally:
            self.stop()

    # ------------------------------------------------------------ start

    def start(self) -> None:
        self.address.refuse_if_taken()
        make_secret_key(self.var / "secret_key")
        for server in self.servers.start(self.guard):
            self.follow(server)
            self.say(f"{server.title:<18} {shown(server.home)}")
            self.pause(0)
        self.environment.update(self.settings_of_children())
        self.prepare()
        self.say(_("Database ready; starting web server and worker"))
        self.serve()

    def settings_of_children(self) -> dict[str, str]:
        chosen = {
            **self.servers.environment,
            "VAR_DIR": str(self.var),
            "DEMO": str(int(self.wants_demo)),
            "PYTHONUNBUFFERED": "1",
        }
        if not self.environment.get("ALLOWED_HOSTS"):
            chosen["ALLOWED_HOSTS"] = ",".join(self.address.names)
        if self.wants_demo:
            chosen |= self.demo_receiver()
        return chosen

    def demo_receiver(self) -> dict[str, str]:
        """The demo's events go to a page of this very start, and nowhere else in the house."""
        here = self.address.url.removeprefix("http://")
        allowed = [*filter(None, [self.environment.get("EVENT_STREAM_ALLOW")]), here]
        return {
            "EVENT_STREAM_DEMO_RECEIVER": self.address.url,
            "EVENT_STREAM_ALLOW": ",".join(allowed),
        }

    @property
    def wants_demo(self) -> bool:
        return self.environment.get("DEMO", "1").lower() in {"1", "true", "yes", "on"}

    def launch(self, process: Process) -> Process:
        self.launched.append(process)
        process.start(self.guard)
        return process

    def follow(self, process: Process) -> None:
        """From here on: what it wrote while it started is in its log."""
        if process.log:
            alarm = GRAVE if process.name == "postgres" else ALARM
            self.tails[process] = Tail(process.log, alarm)

    def prepare(self) -> None:
        """Tables, roles and demo into the database; beside it, on another core, static files.

        Where the environment does not ask for the demo by name, a database that already holds
        something else is left as it is.
        """
        demo = "no"
        if self.wants_demo:
            demo = "yes" if "DEMO" in os.environ else "if-empty"
        fingerprint = static_files.fingerprint()
        collecting = None
        if not static_files.are_collected(fingerprint):
            collecting = self.launch(programs.collect_static(self.environment, self.var))
        self.complete(self.launch(programs.prepare(self.environment, demo)))
        if collecting:
            self.complete(collecting)
            static_files.remember(fingerprint)

    def complete(self, process: Process) -> None:
        while process.is_running:
            self.pause(0.02)
        if process.exit_code:
            self.fail(process)
        self.guard.forget(process.name)
        self.launched.remove(process)

    def serve(self) -> None:
        metrics = self.var / "run" / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        limit = settings.CELERY_TASK_TIME_LIMIT
        self.follow(self.launch(programs.web(self.environment, self.var, self.address, metrics)))
        self.follow(self.launch(programs.worker(self.environment, self.var, limit)))
        self.follow(self.launch(programs.jobs(self.environment, self.var)))
        end = time.monotonic() + READY_WITHIN
        while not self.answers():
            for process in self.launched:
                if not process.is_running or time.monotonic() > end:
                    self.fail(process)
            self.pause(0.05)

    def answers(self) -> bool:
        host, port = self.address.probe_host, self.address.port
        connection = http.client.HTTPConnection(host, port, timeout=2)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
        return False

    def fail(self, process: Process) -> None:
        raise CannotStart(
            gettext_noop("%(name)s failed: %(cause)s"),
            name=process.name,
            cause=process.last_words,
        )

    # ------------------------------------------------------------ life

    def attend(self) -> None:
        self.pause(0.1)
        for process in self.launched:
            for line in self.tails[process].news():
                self.say(f"{process.name:<8} | {line}")
            if not process.is_running:
                self.revive(process)
        self.guard.ensure()

    def revive(self, process: Process) -> None:
        """Start it anew, with a word about it; but not one that dies again and again."""
        process.sweep()
        self.guard.forget(process.name)
        now, deaths = time.monotonic(), self.deaths[process]
        deaths.append(now)
        while deaths[0] < now - 60:
            deaths.popleft()
        told = {"name": process.name, "end": process.end, "log": process.log}
        if len(deaths) > DEATHS_PER_MINUTE:
            raise CannotStart(
                gettext_noop("%(name)s dies again and again (%(end)s); its log is %(log)s"), **told
            )
        self.say(_("%(name)s died (%(end)s) and is started again; its log is %(log)s") % told)
        process.start(self.guard)

    def request_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_requests += 1

    def pause(self, seconds: float) -> None:
        """
        Raises:
            Stopped: somebody asked for the end meanwhile.
        """
        time.sleep(seconds)
        if self.stop_requests:
            raise Stopped

    # ------------------------------------------------------------ end

    def stop(self) -> None:
        """The guard does it, as it would if we were killed; another one if it is killed itself."""
        self.servers.withdraw()
        begin, requests, is_told = time.monotonic(), self.stop_requests, False
        while self.running():
            self.guard.ensure()
            self.guard.close()
            while self.guard.is_alive:
                worker = [process for process in self.running() if process.name == "worker"]
                if worker and self.stop_requests > requests:
                    worker[0].sweep()
                elif worker and not is_told and time.monotonic() > begin + 4:
                    self.say(_("Waiting for a running task; Ctrl-C again cuts it short."))
                    is_told = True
                time.sleep(0.02)

    def running(self) -> list[Process]:
        """Who still is; the others are reaped, and their numbers are nobody's business any more."""
        for process in self.launched:
            if process.child and not process.is_running:
                self.guard.forget(process.name)
        return [process for process in self.launched if process.is_running]


def make_secret_key(file: Path) -> None:
    """Once, readable by nobody else; settings.py reads it."""
    if file.exists():
        return
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(get_random_string(64))
    draft.rename(file)


def shown(path: Path) -> str:
    """As one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
