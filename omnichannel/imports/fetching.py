"""The file of an import that is started with an address: fetched once, kept in pieces."""

import asyncio
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

import aiohttp
from django.utils.translation import gettext as _

from omnichannel.eventstream.addresses import Refused, checked
from omnichannel.eventstream.egress import Egress, reason
from omnichannel.jobs.progress import Progress

from .rows import BadFile

# Of the file as it travels; what is inside a ZIP has limits of its own.
MOST_BYTES = 100_000_000
LIMITS = aiohttp.ClientTimeout(total=900, sock_connect=5, sock_read=30)
BLOCK = 256 * 1024
SECONDS_BETWEEN = 1.0


class GivenUp(Exception):
    """Nobody waits for the file any more."""


def check_address(address: str) -> None:
    """Raises Refused for what is no public https address and not allowed by a setting."""
    checked(address)


def fetch(address: str, target: Path, progress: Progress) -> None:
    """Write what the address answers into `target`, and keep the job while that takes.

    Raises:
        BadFile: refused, no answer, another status than 200, or more than MOST_BYTES.
    """
    no_more = Event()
    # In a thread: telling progress asks the database, which no event loop may wait for.
    with ThreadPoolExecutor(1, thread_name_prefix="fetch") as thread:
        fetched = thread.submit(lambda: asyncio.run(download(address, target, no_more)))
        try:
            while not wait([fetched], SECONDS_BETWEEN).done:
                progress.tell(0)
        except BaseException:
            no_more.set()
            raise
    try:
        fetched.result()
    except Refused as refused:
        raise BadFile(str(refused)) from refused
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise BadFile(_("The file could not be fetched: %s.") % reason(error)) from error


async def download(address: str, target: Path, no_more: Event) -> None:
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
                    if no_more.is_set():
                        raise GivenUp
                    kept += len(block)
                    if kept > MOST_BYTES:
                        raise BadFile(_("The file is larger than %d MB.") % (MOST_BYTES // 10**6))
                    file.write(block)
