"""The bytes of a file in rows of a megabyte: any worker finds them, and again after a crash."""

from pathlib import Path
from typing import IO

from .models import Import, ImportPiece

SIZE = 1_000_000


def keep(import_: Import, stream: IO[bytes]) -> None:
    """Store the stream, inside the caller's transaction."""
    number = 0
    while data := stream.read(SIZE):
        number += 1
        ImportPiece.objects.create(of=import_, number=number, data=data)
    if not number:
        ImportPiece.objects.create(of=import_, number=1, data=b"")


def write(import_: Import, target: Path) -> None:
    """The stored bytes into a file."""
    stored = (
        ImportPiece.objects.filter(of=import_).order_by("number").values_list("data", flat=True)
    )
    with target.open("wb") as file:
        for data in stored.iterator(chunk_size=4):
            file.write(data)
