"""Bases and fields of request and answer bodies."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints


class Body(Schema):
    """Fields that are not named are ignored: real clients send more than the contract has."""


class StrictBody(Schema):
    """Fields that are not named are refused, where the contract says that there are no others."""

    model_config = ConfigDict(extra="forbid")


def Text(most: int = 256, least: int = 1) -> Any:
    """A text of `least` to `most` characters."""
    return Annotated[str, StringConstraints(min_length=least, max_length=most)]


def one_or_many(value: Any) -> Any:
    """`status=open,closed` means what `status=open&status=closed` does (CONTRACT §2)."""
    if isinstance(value, list):
        return [part for text in value for part in str(text).split(",") if part]
    return value


def Several(kind: Any) -> Any:
    """A parameter that may be given more than once, or with commas."""
    return Annotated[list[kind], BeforeValidator(one_or_many), Field(max_length=100)]


# What an integer column holds.
Number = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]
