"""Sending a period again to somebody who is told already (CONTRACT §3.1, replay by date)."""

from datetime import datetime
from typing import Any

from . import integrations
from .models import Integration

# Where it goes and what it is signed with; secrets are copied sealed and never opened.
ADDRESS = ("target", "callback_url", "sealed_api_key")
BUCKET = (
    "target",
    "bucket",
    "aws_region",
    "key_prefix",
    "sealed_aws_access_key_id",
    "sealed_aws_secret_access_key",
)
SECRETS = ("sealed_secret", "sealed_previous_secret", "previous_secret_until")


def repeat(
    *, pk: int, name: str, starts_at: datetime, ends_at: datetime, **fields: Any
) -> Integration:
    """A temporary integration to the address and under the keys of another, for a period.

    The receiver verifies with the secret that it has. Runs inside the caller's transaction.

    Args:
        fields: `event_filter` and `entity_filter`.

    Raises:
        As `integrations.register`.
    """
    told = Integration.objects.registered().get(pk=pk)
    copied = BUCKET if told.target == Integration.Target.S3 else ADDRESS
    made, _unused = integrations.register(
        name,
        type=Integration.Type.TEMPORARY,
        starts_at=starts_at,
        ends_at=ends_at,
        **{field: getattr(told, field) for field in copied},
        **fields,
    )
    for field in SECRETS:
        setattr(made, field, getattr(told, field))
    made.save(update_fields=SECRETS)
    return made


def free_name(told: Integration) -> str:
    """`erp-again`, or with a number behind it: an ID that nobody has."""
    taken = set(Integration.objects.registered().values_list("name", flat=True))
    base = f"{told.name[:40]}-again"
    names = (base, *(f"{base}-{number}" for number in range(2, 100)))
    return next((name for name in names if name not in taken), "")
