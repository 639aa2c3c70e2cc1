"""A ZIP that is written as it is made, in pieces of a megabyte, and never held whole."""

import io
import zipfile
from collections.abc import Callable, Iterable

PIECE = 1_000_000
# Availabilities repeat themselves: the quickest level leaves a tenth.
LEVEL = 1
Keep = Callable[[int, bytes], object]


class Pieces(io.RawIOBase):
    """What is written to it goes to `keep(number, bytes)`, numbered from 1."""

    def __init__(self, keep: Keep) -> None:
        self.keep, self.waiting = keep, bytearray()
        self.number = self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self.waiting += data
        self.size += len(data)
        while len(self.waiting) >= PIECE:
            self.let_go(PIECE)
        return len(data)

    def let_go(self, size: int) -> None:
        self.number += 1
        self.keep(self.number, bytes(self.waiting[:size]))
        del self.waiting[:size]

    def finish(self) -> None:
        if self.waiting:
            self.let_go(len(self.waiting))


def zip_array(name: str, batches: Iterable[list[str]], keep: Keep) -> tuple[int, int]:
    """One JSON file `name` with an array of these objects; how many, and bytes of the ZIP."""
    rows, pieces = 0, Pieces(keep)
    with (
        zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive,  # type: ignore[arg-type]
        archive.open(name, "w", force_zip64=True) as file,
    ):
        file.write(b"[")
        for batch in batches:
            text = ",\n".join(batch)
            file.write((f",\n{text}" if rows else text).encode())
            rows += len(batch)
        file.write(b"]\n")
    pieces.finish()
    return rows, pieces.size
