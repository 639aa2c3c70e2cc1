"""The oracle of the event stream: envelope and inventory payloads as the contract's JSON Schemas."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from omnichannel.eventstream.models import Event

SCHEMAS = json.loads(Path(__file__).with_name("event-schemas.json").read_text())


def nullable(schema: Any) -> Any:
    """OpenAPI's `nullable` in the words of JSON Schema."""
    if isinstance(schema, list):
        return [nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: nullable(value) for key, value in schema.items() if key != "nullable"}
    if schema.get("nullable"):
        found["type"] = [found["type"], "null"]
    return found


def check(event: Event) -> dict[str, Any]:
    """The payload, after it was found to be what the contract says and to hold nothing else.

    Raises:
        jsonschema.ValidationError
    """
    body = json.loads(event.body)
    validate(SCHEMAS["envelope"], body)
    schema = SCHEMAS["payloads"][event.name]
    validate(schema, body["payload"])
    assert set(body["payload"]) <= set(schema["properties"]), event.name
    return body["payload"]


def validate(schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator(nullable(schema), format_checker=FormatChecker()).validate(value)
