"""Bring the roles of `omnichannel.roles` into the database."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

# Named by string: the composition root lies above this room.
roles: Any = import_module("omnichannel.roles")


class UnknownPermission(Exception):
    """A preset names a permission that no app declares."""


def named(permissions: QuerySet[Permission]) -> QuerySet[Any]:
    """With `full_name` as code spells it: `app_label.codename`."""
    return permissions.annotate(full_name=Concat("content_type__app_label", Value("."), "codename"))


def permissions_named(names: Sequence[str]) -> dict[str, int]:
    """Primary keys of the permissions called `app_label.codename`, in one query.

    Raises:
        UnknownPermission: naming every one that has no row.
    """
    rows = named(Permission.objects.all()).filter(full_name__in=names)
    found = dict(rows.values_list("full_name", "pk"))
    if missing := sorted(set(names) - found.keys()):
        raise UnknownPermission(", ".join(missing))
    return found


def sync_roles(
    presets: Mapping[str, Sequence[str]] = roles.PRESETS, *, reset: bool = False
) -> list[str]:
    """Create the roles that are missing; returns the names of the roles that were written.

    A role that exists belongs to its administrator and stays as he left it, unless `reset`; only
    Admin always holds everything, because CONTRACT §5 makes it the role that nobody edits.

    Raises:
        UnknownPermission: a preset names a permission that no app declares.
    """
    held = {
        group.name: group
        for group in Group.objects.filter(name__in=presets).prefetch_related("permissions")
    }
    ids = permissions_named([name for names in presets.values() for name in names])
    written = []
    for role, names in presets.items():
        wanted = {ids[name] for name in names}
        group = held.get(role)
        if group and not (reset or role == roles.ADMIN):
            continue
        if group and wanted == {permission.pk for permission in group.permissions.all()}:
            continue
        group = group or Group.objects.create(name=role)
        group.permissions.set(wanted)
        written.append(role)
    return written
