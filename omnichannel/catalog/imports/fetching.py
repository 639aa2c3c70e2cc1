"""The file of an import that is started with an address: fetched once, kept in pieces."""

from pathlib import Path

import aiohttp
from django.utils.translation import gettext as _

from omnichannel.eventstream import loops
from omnichannel.eventstream.addresses import Refused, checked
from omnichannel.eventstream.egress import Egress, reason

from .rows import BadFile

# Of the ZIP as it travels; what is inside has limits of its own.
MOST_BYTES = 100_000_000
LIMITS = aiohttp.ClientTimeout(total=900, sock_connect=5, sock_read=30)
BLOCK = 256 * 1024


def check_address(address: str) -> None:
    """Raises Refused for what is no public https address and not allowed by a setting."""
    checked(address)


def fetch(address: str, target: Path) -> None:
    """Write what the address answers into `target`.

    Raises:
        BadFile: refused, no answer, another status than 200, or more than MOST_BYTES.
    """
    try:
        loops.run(download(address, target))
    except Refused as refused:
        raise BadFile(str(refused)) from refused
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise BadFile(_("The file could not be fetched: %s.") % reason(error)) from error


async def download(address: str, target: Path) -> None:
    async with Egress() as out:
        asked = out.session.get(checked(address), allow_redirects=False, timeout=LIMITS)
        async with asked as response:
            if response.status != 200:
                raise BadFile(
                    _(
                        "The address answered with status %d instead of 200; redirects are not followed."
                    )
                    % response.status
                )
            kept = 0
            with target.open("wb") as file:
                async for block in response.content.iter_chunked(BLOCK):
                    kept += len(block)
                    if kept > MOST_BYTES:
                        raise BadFile(_("The file is larger than %d MB.") % (MOST_BYTES // 10**6))
                    file.write(block)
