"""Where a callback may go: public addresses, and what this installation allows (RELIABILITY rule 19)."""

import re
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from yarl import URL

from omnichannel.documents import ActionError

Address = IPv4Address | IPv6Address
MOST_CHARACTERS = 2_048
DEFAULT_PORTS = {"https": 443, "http": 80}
# A name of the DNS; its last label begins with a letter, so no spelling of a number is a name.
NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
# Names that mean this house by definition.
OF_THIS_HOUSE = ("localhost", "local", "internal", "home.arpa", "lan", "intranet", "corp")
# IANA's special-purpose registry: whatever is not the public internet, multicast included.
NOT_PUBLIC_4 = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
# Of the sixth version only this block is public, without its tunnels and examples: a mapped or
# translated address of the fourth lies outside it or in them.
PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = [
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


class Refused(ActionError):
    """An address that no event may go to; the text says why."""


class Allowed(NamedTuple):
    """One entry of EVENT_STREAM["ALLOW"]: a host or a network, any port or one."""

    host: str
    network: IPv4Network | IPv6Network | None
    port: int | None

    def names(self, host: str, port: int) -> bool:
        """Whether the entry means this very host as it is written."""
        literal = literal_of(host)
        is_meant = (
            self.network is not None and literal in self.network if literal else self.host == host
        )
        return is_meant and self.port in (None, port)

    def covers(self, address: Address, host: str, port: int) -> bool:
        is_inside = self.network is not None and address in self.network
        return (is_inside or self.host == host) and self.port in (None, port)


@lru_cache(maxsize=8)
def parsed(entries: tuple[str, ...]) -> tuple[Allowed, ...]:
    return tuple(parse(entry) for entry in entries)


def parse(entry: str) -> Allowed:
    """`erp.example:8080`, `10.2.0.0/16`, `10.2.3.4:8080`, `fd00::/8`, `[fd00::1]:8080`."""
    host, port = entry.lower(), None
    if match := re.fullmatch(r"(\[[^\]]+\]|[^:\[\]]+):(\d{1,5})", host):
        host, port = match[1], int(match[2])
    host = host.strip("[]")
    try:
        return Allowed("", ip_network(host, strict=False), port)
    except ValueError:
        return Allowed(host, None, port)


def allowed() -> tuple[Allowed, ...]:
    return parsed(tuple(settings.EVENT_STREAM["ALLOW"]))


def literal_of(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_4)
    return (
        address.scope_id is None
        and address in PUBLIC_6
        and not any(address in network for network in NOT_PUBLIC_6)
    )


def may_connect(address: Address, host: str, port: int) -> bool:
    """Whether a connection for `host` may go to `address`; asked for every address of every answer."""
    return is_public(address) or any(entry.covers(address, host, port) for entry in allowed())


def checked(text: str) -> URL:
    """The callback's URL, if it can be meant: asked when it is written and at every try.

    What a name resolves to is asked when a connection is made, not here.

    Raises:
        Refused
    """
    if not text:
        raise Refused(_("Give the address that events are sent to."))
    if len(text) > MOST_CHARACTERS:
        raise Refused(_("An address has at most %d characters.") % MOST_CHARACTERS)
    # Two readers of one address must see one host: nothing that any of them could read otherwise.
    if not re.fullmatch(r"[!-~]+", text) or re.search(r"[\\#<>\"^`{|}]", text):
        raise Refused(
            _("The address has characters that no address may have here; no spaces, no #, no \\.")
        )
    url = read(text)
    host, port = url.host or "", url.port or 0
    if url.user is not None or url.password is not None or "@" in url.raw_authority:
        raise Refused(_("A name or password does not belong into the address; use the API key."))
    literal = literal_of(host)
    if literal is None and not NAME.fullmatch(host):
        raise Refused(_("“%s” is no name of a host.") % host[:100])
    if any(entry.names(host, port) for entry in allowed()):
        return url
    if url.scheme not in settings.EVENT_STREAM["SCHEMES"]:
        raise Refused(
            _("The address must begin with %s.")
            % ", ".join(f"{scheme}://" for scheme in settings.EVENT_STREAM["SCHEMES"])
        )
    if port not in settings.EVENT_STREAM["PORTS"]:
        raise Refused(_("Port %d is not one that events may go to.") % port)
    if literal and not may_connect(literal, host, port):
        raise Refused(private(host))
    if host.rpartition(".")[2] in OF_THIS_HOUSE or host.endswith(".home.arpa"):
        raise Refused(private(host))
    return url


def read(text: str) -> URL:
    fault = Refused(_("This is no address of the form https://host/path."))
    try:
        url, other = URL(text, encoded=True), urlsplit(text)
        other_port = other.port
    except ValueError as error:
        raise fault from error
    if url.scheme not in DEFAULT_PORTS or not url.host:
        raise fault
    same_host = (other.hostname or "") == url.host.lower()
    if not same_host or other_port != url.explicit_port or other.scheme != url.scheme:
        raise fault
    return url


def private(host: str) -> str:
    return (
        _(
            "%s is not on the public internet. An administrator can allow it by the setting EVENT_STREAM_ALLOW."
        )
        % host
    )
