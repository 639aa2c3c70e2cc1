"""fields.txt as a judge of answers."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

TABLE = Path(__file__).with_name("fields.txt")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TYPES: dict[str, Any] = {
    "null": lambda value: value is None,
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "num": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "str": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "moment": lambda value: isinstance(value, str) and MOMENT.fullmatch(value),
    "uuid": lambda value: isinstance(value, str) and UUID.fullmatch(value),
    "any": lambda value: True,
}


class Field(NamedTuple):
    types: tuple[str, ...]
    is_required: bool


Fields = dict[str, Field]


def read() -> dict[str, Fields]:
    """Operation → path of a field → what it is."""
    found: dict[str, Fields] = {}
    heads: list[str] = []
    was_field = False
    for line in TABLE.read_text().splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if not line.startswith(" "):
            heads = [*([] if was_field else heads), " ".join(words)]
            found[heads[-1]] = {}
            was_field = False
            continue
        was_field = True
        path, kind = words[0], words[1:]
        if path == "-":
            continue
        # `stores[].*  one of GET …`: the fields of that operation, which may stand further down.
        types = (" ".join(kind[2:]),) if kind[0] == "one" else tuple(kind[0].split("|"))
        for head in heads:
            found[head][path] = Field(types, "R" in kind[1:])
    return found


def resolved() -> dict[str, Fields]:
    tables = read()
    for fields in tables.values():
        for path in [path for path, field in fields.items() if " " in field.types[0]]:
            target = tables[fields.pop(path).types[0]]
            fields |= {path.removesuffix("*") + inner: f for inner, f in target.items()}
    return tables


TABLES = resolved()


def wrong(body: Any, fields: Fields, path: str = "") -> Iterator[str]:
    """What is missing, what nobody told of, and what is of another type; by path."""
    if isinstance(body, list):
        for member in body:
            yield from judged(member, fields, f"{path}[]")
    elif isinstance(body, dict):
        start = f"{path}." if path else ""
        known = {
            name[len(start) :]: field
            for name, field in fields.items()
            if name.startswith(start) and re.fullmatch(r"[^.\[\]]+", name[len(start) :])
        }
        yield from (
            f"{start}{name}: missing" for name, field in known.items()
            if field.is_required and name not in body
        )  # fmt: skip
        for name, value in body.items():
            if name in known:
                yield from judged(value, fields, start + name)
            elif "*" in known:
                yield from judged(value, fields, f"{start}*")
            else:
                yield f"{start}{name}: not in the contract"


def judged(value: Any, fields: Fields, path: str) -> Iterator[str]:
    field = fields.get(path)
    if field and field.types == ("any",):
        return
    if field and not any(TYPES[kind](value) for kind in field.types):
        yield f"{path}: {value!r} is not {' or '.join(field.types)}"
        return
    yield from wrong(value, fields, path)
