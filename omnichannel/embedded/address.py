"""Where the web server listens, and under which names a browser may ask for it."""

import errno
import ipaddress
import socket
from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import gettext_noop

from .process import CannotStart

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Address(NamedTuple):
    host: str
    port: int

    @property
    def is_everywhere(self) -> bool:
        return self.host in {"0.0.0.0", "::"}  # noqa: S104

    @property
    def probe_host(self) -> str:
        """How to reach it from this machine."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    @property
    def url(self) -> str:
        return f"http://{bracketed(self.probe_host)}:{self.port}"

    @property
    def names(self) -> list[str]:
        """For ALLOWED_HOSTS: loopback, and what the chosen host is called."""
        mine = machine_names() if self.is_everywhere else [bracketed(self.host)]
        return list(dict.fromkeys([*LOOPBACK, *mine]))

    def refuse_if_taken(self) -> None:
        """Tried before anything is started.

        Raises:
            CannotStart: nobody can listen there.
        """
        try:
            families = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            family, kind, protocol, _name, place = families[0]
            with socket.socket(family, kind, protocol) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(place)
                trial.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotStart(
                    gettext_noop(
                        "Port %(port)s on %(host)s is taken: stop what uses it, or choose another "
                        "with PORT=%(next)s make run"
                    ),
                    port=self.port,
                    host=self.host,
                    next=self.port % 65535 + 1,
                ) from None
            raise CannotStart(
                gettext_noop("Cannot listen on %(host)s, port %(port)s: %(cause)s (HOST, PORT)"),
                host=self.host,
                port=self.port,
                cause=error.strerror or error,
            ) from None


def address_from(environment: Mapping[str, str]) -> Address:
    """HOST and PORT, by default 127.0.0.1 and 8000.

    Raises:
        CannotStart: PORT is no port.
    """
    text = environment.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise CannotStart(gettext_noop("PORT=%(port)s is not a port: 1 to 65535."), port=text)
    return Address((environment.get("HOST") or "127.0.0.1").strip("[]"), int(text))


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def machine_names() -> list[str]:
    """Host name, and the addresses from which this machine speaks to others; sends nothing."""
    names = [socket.gethostname(), socket.getfqdn()]
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as line:
                line.connect((elsewhere, 9))
                names.append(bracketed(str(ipaddress.ip_address(line.getsockname()[0]))))
        except (OSError, ValueError):
            continue
    return names
