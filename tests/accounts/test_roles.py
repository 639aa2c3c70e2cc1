import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from omnichannel import navigation, roles
from omnichannel.accounts.presets import UnknownPermission, named, sync_roles

pytestmark = pytest.mark.django_db

# PRODUCT §11, letter by letter.
NAMES_AS_SHOWN = {
    "View inventory management",
    "Create cycle counts",
    "Activate full counts",
    "Complete cycle counts",
    "Cancel cycle counts",
    "Force Close ASNs",
    "Close transfer orders",
    "Manage safety stock",
    "Edit fulfillment availability",
    "View locations",
    "Manage locations",
    "View tools",
    "Manage API clients",
    "Manage users and roles",
    "Modify reason codes",
    "View dashboards",
    "View Inventory",
    "Receive Inventory",
    "Transfer Inventory",
    "Perform Counts",
    "Adjust Inventory",
}
DEFAULT_ROLES = {
    "Admin",
    "Customer Service Supervisor",
    "Merchandiser",
    "Fulfillment Manager",
    "Corporate Operations",
    "Store Manager",
    "Keyholder",
    "Associate",
    "Viewer",
    "Integration",
}


def rows() -> dict[str, str]:
    return dict(named(Permission.objects.all()).values_list("full_name", "name"))


def held(role: str) -> set[str]:
    group = Group.objects.get(name=role)
    return set(named(group.permissions.all()).values_list("full_name", flat=True))


def permission_modules() -> list:
    found = []
    for app in apps.get_app_configs():
        if app.name.startswith(("omnichannel", "inventory", "asn", "transfers", "counts")):
            try:
                found.append(importlib.import_module(f"{app.name}.permissions"))
            except ModuleNotFoundError:
                continue
    return found


def test_every_name_of_the_product_exists_as_shown_and_once():
    shown = [name for code, name in rows().items() if name in NAMES_AS_SHOWN]
    assert sorted(shown) == sorted(NAMES_AS_SHOWN)
    assert {rows()[code] for code in roles.PRODUCT_PERMISSIONS} == NAMES_AS_SHOWN


def test_every_codename_of_the_presets_resolves():
    asked = {name for names in roles.PRESETS.values() for name in names}
    assert asked | set(roles.NEEDS_SECOND_FACTOR) | set(roles.GRANTABLE) <= rows().keys()
    assert roles.PRESETS.keys() == DEFAULT_ROLES


def test_every_constant_of_every_permissions_module_resolves():
    modules = permission_modules()
    constants = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    assert len(modules) >= 7
    assert len(constants) >= len(NAMES_AS_SHOWN)
    assert constants <= rows().keys()


def test_each_permission_of_the_product_is_in_some_role_and_named_where_it_is_declared():
    declared = {
        f"{app_label}.{codename}"
        for module in permission_modules()
        for app_label in [module.__name__.split(".")[-2]]
        # The event stream has no name of its own: it goes by the one of the tools.
        for codename, _name in getattr(module, "NAMES", ())
    }
    assert declared == {*roles.PRODUCT_PERMISSIONS, *roles.SHARING}


def test_every_codename_of_the_navigation_resolves():
    named_there = {
        word
        for word in _words(vars(navigation))
        if "." in word and word.split(".")[0] in {app.label for app in apps.get_app_configs()}
    }
    assert named_there
    assert named_there <= rows().keys()


def _words(value: object, depth: int = 0) -> set[str]:
    if depth > 8:
        return set()
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set().union(
            *(_words(v, depth + 1) for k, v in value.items() if not str(k).startswith("__"))
        )
    if isinstance(value, list | tuple | set | frozenset):
        return set().union(*(_words(item, depth + 1) for item in value))
    if type(value).__module__.startswith("omnichannel."):
        return _words(getattr(value, "__dict__", {}), depth + 1)
    return set()


@pytest.fixture
def no_roles():
    Group.objects.all().delete()


def test_contract_roles(no_roles):
    sync_roles()
    assert held("Admin") == set(roles.GRANTABLE)
    assert held("Viewer") == {"inventory.view_inventory_management"}
    for role in ("Fulfillment Manager", "Store Manager"):
        assert {"inventory.view_inventory_management", "inventory.manage_safety_stock"} <= held(
            role
        )
    assert "inventory.view_inventory_management" in held("Corporate Operations")
    assert held("Keyholder") == held("Associate") == set(roles.ON_THE_PHONE)
    managing = [role for role in DEFAULT_ROLES if "accounts.manage_users_and_roles" in held(role)]
    assert managing == ["Admin"]


def test_sync_leaves_what_an_administrator_changed_and_is_cheap(
    no_roles, django_assert_max_num_queries
):
    sync_roles()
    Group.objects.get(name="Viewer").permissions.clear()
    Group.objects.get(name="Associate").delete()
    assert sync_roles() == ["Associate"]
    assert held("Viewer") == set()
    with django_assert_max_num_queries(3):
        assert sync_roles() == []


def test_admin_is_not_editable_so_sync_restores_it():
    Group.objects.get(name="Admin").permissions.clear()
    assert sync_roles() == ["Admin"]
    assert held("Admin") == set(roles.GRANTABLE)


def test_reset_restores_presets_and_spares_other_roles(capsys):
    own = Group.objects.create(name="Night shift")
    own.permissions.add(Permission.objects.get(codename="view_tools"))
    Group.objects.get(name="Viewer").permissions.set(own.permissions.all())
    call_command("sync_roles", "--reset")
    assert "Viewer" in capsys.readouterr().out
    assert held("Viewer") == {"inventory.view_inventory_management"}
    assert held("Night shift") == {"web.view_tools"}


def test_a_preset_with_an_unknown_permission_writes_nothing(no_roles):
    presets = {"Good": ("web.view_tools",), "Bad": ("web.view_tols",)}
    with pytest.raises(UnknownPermission, match=r"web\.view_tols"):
        sync_roles(presets)
    assert not Group.objects.filter(name__in=presets).exists()
    Permission.objects.filter(codename="view_tools").delete()
    with pytest.raises(CommandError, match=r"web\.view_tools"):
        call_command("sync_roles")
    assert not Group.objects.exists()
