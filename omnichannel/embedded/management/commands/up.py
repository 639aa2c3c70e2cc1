"""The product on this machine, with everything it needs."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from omnichannel.embedded import logins
from omnichannel.embedded.address import address_from
from omnichannel.embedded.premises import premises
from omnichannel.embedded.process import CannotStart
from omnichannel.embedded.supervisor import Supervisor, shown


class Command(BaseCommand):
    help = (
        "Runs PostgreSQL and Valkey (unless DATABASE_URL or REDIS_URL name others), the web "
        "server on HOST and PORT, and a worker, until Ctrl-C."
    )
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        self.begin = time.monotonic()
        try:
            address = address_from(os.environ)
            with premises(Path(settings.VAR).resolve(), self.say) as guard:
                self.supervisor = Supervisor(guard, address, os.environ, self.say)
                self.supervisor.run(self.tell_ready)
        except CannotStart as error:
            self.stderr.write(error.translated())
            sys.exit(1)
        self.say(_("Everything has stopped; the data stays in %s.") % shown(self.supervisor.var))

    def say(self, line: str) -> None:
        """The terminal may be gone, and the rest has to stop in order all the same."""
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            return

    def tell_ready(self) -> None:
        supervisor = self.supervisor
        seconds = time.monotonic() - self.begin
        self.say("")
        for line in logins.lines(supervisor.environment.get("DATABASE_URL", "")):
            self.say(f"  {line}")
        self.say("")
        ready = _(
            "Ready after %(seconds).0f s: %(url)s   Ctrl-C stops everything; logs in %(logs)s"
        )
        logs = shown(supervisor.logs)
        self.say(ready % {"seconds": seconds, "url": supervisor.address.url, "logs": logs})
        if supervisor.address.is_everywhere:
            names = ", ".join(supervisor.address.names)
            self.say(_("Open to your network; it answers to the names %s") % names)
