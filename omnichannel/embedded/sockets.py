"""Where a private server's socket lies."""

import tempfile
from pathlib import Path

# sockaddr_un holds 104 bytes on macOS and 108 on Linux, with the closing zero.
LONGEST = 103


def socket_folder(wanted: Path, name: str) -> tuple[Path, bool]:
    """`wanted`, or a short private folder and True if the address in it would be too long.

    A path outside plain ASCII goes there too: clients disagree on how to write it in a URL.
    """
    path = str(wanted / name)
    if len(path.encode()) <= LONGEST and path.isascii() and " " not in path and "%" not in path:
        wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
        return wanted, False
    return Path(tempfile.mkdtemp(prefix="omnichannel-", dir="/tmp")), True
