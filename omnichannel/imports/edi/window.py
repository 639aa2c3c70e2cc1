"""The bytes of a file, read on as far as they are looked at."""

from typing import IO

from .signs import Signs

BLOCK = 256 * 1024
# Bytes; what is longer has lost its terminator.
MOST_OF_A_SEGMENT = 32_000
BLANKS = b" \t\r\n"


class Window:
    """The bytes of the file from where the reader stands, as far as they are looked at."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.data, self.at = stream, b"", 0

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        block = self.stream.read(BLOCK)
        self.data, self.at = self.data[self.at :] + block, 0
        return bool(block)

    def skip_blanks(self) -> bool:
        """Whether anything follows but blanks and ends of lines."""
        while True:
            while self.at < len(self.data):
                if self.data[self.at] not in BLANKS:
                    return True
                self.at += 1
            if not self.more():
                return False

    def ahead(self, length: int) -> bytes:
        """The next bytes, without taking them; fewer at the end of the file."""
        while len(self.data) - self.at < length and self.more():
            pass
        return self.data[self.at : self.at + length]

    def take(self, signs: Signs) -> bytes | None:
        """The bytes up to the next terminator; at the end of the file the rest.

        None where no terminator comes within MOST_OF_A_SEGMENT.
        """
        terminator, release = signs.terminator.encode(), signs.release.encode()
        searched = self.at
        while True:
            end = self.data.find(terminator, searched)
            if end < 0:
                if len(self.data) - self.at > MOST_OF_A_SEGMENT:
                    return None
                if self.more():
                    searched = self.at
                    continue
                end = len(self.data)
            elif is_released(self.data[self.at : end], release):
                searched = end + 1
                continue
            taken = self.data[self.at : end]
            self.at = min(end + 1, len(self.data))
            return taken if len(taken) <= MOST_OF_A_SEGMENT else None


def is_released(before: bytes, release: bytes) -> bool:
    return bool(release) and (len(before) - len(before.rstrip(release))) % 2 == 1
