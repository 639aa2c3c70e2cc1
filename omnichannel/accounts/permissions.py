"""Permissions over people (PRODUCT §11)."""

from typing import Any

from django.utils.translation import gettext_noop as _

MANAGE_USERS_AND_ROLES = "accounts.manage_users_and_roles"
MANAGE_API_CLIENTS = "accounts.manage_api_clients"

NAMES: list[tuple[str, Any]] = [
    ("manage_users_and_roles", _("Manage users and roles")),
    ("manage_api_clients", _("Manage API clients")),
]
