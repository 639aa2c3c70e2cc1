"""Who changed reference data, settings or people: one row per change, in its transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from .adapter import client_address
from .models import AuditEvent

CREATED, UPDATED, DELETED = AuditEvent.Operation
# Never written down, not even as a digest.
SECRET = ("password", "secret", "token", "key")
LONGEST = 256


def record(
    request: Any,
    operation: str,
    row: models.Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down that `request.user` changed `row`.

    Args:
        request: of a page or of the API.
        operation: CREATED, UPDATED or DELETED.
        before: what changed, as it was; `after`: as it is. Neither holds a secret.
    """
    resource, resource_id = named(row)
    user = request.user
    AuditEvent.objects.create(
        operation=operation,
        resource=resource,
        resource_id=resource_id,
        actor_id=str(user.pk),
        actor_name=user.get_username(),
        actor=signed_in_by(request),
        request=context(request),
        before=before,
        after=after,
    )


def named(row: models.Model) -> tuple[str, str]:
    """A model's AUDITED_AS: what it is called outside, and the field that is its id there."""
    resource, field = getattr(type(row), "AUDITED_AS", (row._meta.model_name, "pk"))
    return str(resource), str(getattr(row, field))[:LONGEST]


def signed_in_by(request: Any) -> dict[str, str]:
    """Client and token of the API, by what a person recognises them by."""
    token = getattr(request, "token", None)
    if token is None:
        return {}
    client = {"authorized_party": token.client.client_id} if token.client else {}
    return {**client, "token_id": token.prefix}


def context(request: Any) -> dict[str, str]:
    found = {
        "method": request.method,
        "path": request.path[:2_048],
        "request_id": getattr(request, "request_id", ""),
        "source_ip": client_address(request) or "",
        "user_agent": storable(request.headers.get("User-Agent", ""))[:1_024],
    }
    return {name: text for name, text in found.items() if text}


def storable(text: str) -> str:
    """A header is bytes of anybody's: what JSON cannot keep is shown as a question mark."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def changes(form: Any, formsets: Iterable[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a saved form of the admin changed in its row and the rows below: as it was, as it is.

    The form of a password is of no model, and nothing of it is told.
    """
    model = form._meta.model._meta if hasattr(form, "_meta") else None
    fields = {field.name for field in (*model.fields, *model.many_to_many)} if model else set()
    names = [
        name
        for name in form.changed_data
        if name in fields and not any(word in name for word in SECRET)
    ]
    before = {name: plain(form.initial.get(name)) for name in names}
    after = {name: plain(form.cleaned_data.get(name)) for name in names}
    for formset in formsets:
        below = formset.model._meta.model_name
        if gone := [str(row) for row in formset.deleted_objects]:
            before[below] = gone
        kept = [*formset.new_objects, *(row for row, _fields in formset.changed_objects)]
        if kept:
            after[below] = [str(row) for row in kept]
    return before, after


def plain(value: Any) -> Any:
    """As JSON: rows by their primary keys, as the form's own initial values are."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, models.QuerySet | list | tuple):
        members: Iterable[Any] = value
        return sorted((plain(member) for member in members), key=str)
    return value if isinstance(value, bool | int | float | None) else str(value)
