"""JSON as it may come in: one meaning, bounded, and storable (RELIABILITY rule 28)."""

import json
import math
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from .errors import ApiError

DEEPEST = 32
# PostgreSQL's bigint; narrower columns are bounded by their own fields.
LARGEST = 2**63 - 1


def broken(message: str) -> ApiError:
    return ApiError(400, "invalid_data", message)


def refuse_constant(name: str) -> NoReturn:
    raise broken(f"{name} is no number of JSON.")


def finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise broken(f"{text[:40]} is larger than any number here.")
    return value


def bounded(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > LARGEST:
        raise broken(f"{text[:40]} is larger than any number here.")
    return int(text)


def one_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise broken(f"The key {twice[:60]!r} stands twice in one object.")
    return found


def check(value: Any) -> None:
    """Refuse depth, NUL and lone surrogates, whatever the content type was called."""
    level: list[Any] = [value]
    for _depth in range(DEEPEST):
        inner: list[Any] = []
        for member in level:
            if isinstance(member, str):
                check_text(member)
            elif isinstance(member, dict):
                for key in member:
                    check_text(key)
                inner.extend(member.values())
            elif isinstance(member, list):
                inner.extend(member)
        if not inner:
            return
        level = inner
    raise broken(f"The body nests deeper than {DEEPEST} levels.")


def check_text(text: str) -> None:
    if "\0" in text or not (text.isascii() or is_whole(text)):
        raise broken("The body holds characters that cannot be stored: NUL or half a surrogate.")


def is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_json(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises:
        ApiError: 400; no JSON, or more than one reader would agree on.
    """
    try:
        value = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=one_of_each,
            parse_constant=refuse_constant,
            parse_float=finite,
            parse_int=bounded,
        )
    except UnicodeDecodeError as error:
        raise broken("The body is not UTF-8.") from error
    except RecursionError as error:
        raise broken(f"The body nests deeper than {DEEPEST} levels.") from error
    except ValueError as error:
        raise broken(f"The body is not JSON: {error}.") from error
    check(value)
    return value


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return read_json(request.body)
