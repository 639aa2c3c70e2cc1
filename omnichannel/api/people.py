"""`/iam`: permissions, roles and users, to be read (CONTRACT §4.8). They are written in the admin."""

from datetime import datetime
from importlib import import_module
from typing import Any, Literal

from django.contrib.auth.models import Group, Permission
from django.db.models import Prefetch, Q, QuerySet
from ninja import Query, Schema
from pydantic import Field

from omnichannel.accounts import permissions, scopes
from omnichannel.accounts.models import User
from omnichannel.accounts.presets import named

from .errors import not_found
from .paging import PaginationInfo, Paging, pagination_info
from .routing import ApiRequest, Router

# Named by string: the composition root lies above this room.
roles: Any = import_module("omnichannel.roles")
router = Router(tags=["Users and roles"])
ROLES: dict[str, Any] = {
    "permission": permissions.MANAGE_USERS_AND_ROLES,
    "scope": scopes.ROLES_READ,
}
USERS: dict[str, Any] = {
    "permission": permissions.MANAGE_USERS_AND_ROLES,
    "scope": scopes.USERS_READ,
}


class PermissionBody(Schema):
    """By the name that people read; `aa` is the phone, `nom` the pages of the browser."""

    application: Literal["nom", "aa"]
    name: str


class Permissions(Schema):
    elements: list[PermissionBody]


class RoleItem(Schema):
    id: str
    name: str
    is_readonly: bool


class Roles(Schema):
    elements: list[RoleItem]


class RoleBody(RoleItem):
    permissions: list[PermissionBody]


class UserBody(Schema):
    id: str
    associate_id: str
    first_name: str
    last_name: str
    email: str
    external_directory: bool
    is_active: bool
    roles: list[RoleItem]
    created_at: datetime
    last_login_at: datetime | None = None


class Users(Schema):
    elements: list[UserBody]
    pagination_info: PaginationInfo


class FewAtOnce(Paging):
    count: int = Field(25, ge=1, le=50)


class AskedRoles(Schema):
    """`q` is a part of the name."""

    q: str = Field("", max_length=256)


class AskedUsers(FewAtOnce):
    """`q` is a part of a name or of the e-mail address; `role` is the id of a role."""

    q: str = Field("", max_length=256)
    associate_id: str = Field("", max_length=256)
    role: str = Field("", max_length=256)


def shown(rows: QuerySet[Permission]) -> list[dict[str, Any]]:
    """The product's own permissions among `rows`, in the order of PRODUCT §11."""
    found = dict(named(rows).values_list("full_name", "name"))
    return [
        {"application": "aa" if name in roles.ON_THE_PHONE else "nom", "name": found[name]}
        for name in roles.GRANTABLE
        if name in found
    ]


def role_item(role: Group) -> dict[str, Any]:
    return {"id": str(role.pk), "name": role.name, "is_readonly": role.name == roles.ADMIN}


def user_body(user: User) -> dict[str, Any]:
    last = {"last_login_at": user.last_login} if user.last_login else {}
    return {
        "id": str(user.pk),
        "associate_id": user.associate,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "external_directory": False,
        "is_active": user.is_active,
        "roles": [role_item(role) for role in user.groups.all()],
        "created_at": user.date_joined,
        **last,
    }


def key_of(text: str) -> int:
    """A primary key; 0, which none is, for what was never an id of ours."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def role_of(text: str) -> Group:
    found = Group.objects.filter(pk=key_of(text)).first()
    if found is None:
        raise not_found(f"There is no role {text}.")
    return found


def users() -> QuerySet[User]:
    return User.objects.prefetch_related(Prefetch("groups", Group.objects.order_by("name")))


def page_of_users(request: ApiRequest, rows: QuerySet[User], asked: FewAtOnce) -> dict[str, Any]:
    """Three queries."""
    total = rows.count()
    found = rows.order_by("username", "pk")[asked.offset : asked.offset + asked.count]
    return {
        "elements": [user_body(user) for user in found],
        "pagination_info": pagination_info(request, asked, total),
    }


@router.get("/iam/permissions", **ROLES, response=Permissions)
def list_permissions(request: ApiRequest) -> dict[str, Any]:
    """Everything that a role may hold."""
    return {"elements": shown(Permission.objects.all())}


@router.get("/iam/roles", **ROLES, response=Roles)
def list_roles(request: ApiRequest, asked: Query[AskedRoles]) -> dict[str, Any]:
    """All roles by name; the read-only one always holds everything."""
    rows = Group.objects.filter(name__icontains=asked.q).order_by("name")
    return {"elements": [role_item(role) for role in rows]}


@router.get("/iam/roles/{role_id}", **ROLES, response=RoleBody)
def get_role(request: ApiRequest, role_id: str) -> dict[str, Any]:
    """One role and what it holds."""
    role = role_of(role_id)
    return {**role_item(role), "permissions": shown(role.permissions.all())}


@router.get("/iam/roles/{role_id}/users", **ROLES, response=Users, exclude_unset=True)
def list_users_of_role(
    request: ApiRequest, role_id: str, asked: Query[FewAtOnce]
) -> dict[str, Any]:
    """Who has a role."""
    return page_of_users(request, users().filter(groups=role_of(role_id)), asked)


@router.get("/iam/users", **USERS, response=Users, exclude_unset=True)
def list_users(request: ApiRequest, asked: Query[AskedUsers]) -> dict[str, Any]:
    """People and integrations, by user name."""
    rows = users()
    if asked.q:
        fields = ("username", "first_name", "last_name", "email", "associate_id")
        parts = [Q(**{f"{name}__icontains": asked.q}) for name in fields]
        rows = rows.filter(Q(*parts, _connector=Q.OR))
    if asked.associate_id:
        own = Q(associate_id=asked.associate_id)
        rows = rows.filter(own | Q(associate_id="", username=asked.associate_id))
    if asked.role:
        rows = rows.filter(groups=key_of(asked.role))
    return page_of_users(request, rows, asked)


@router.get("/iam/users/{user_id}", **USERS, response=UserBody, exclude_unset=True)
def get_user(request: ApiRequest, user_id: str) -> dict[str, Any]:
    """One user with his roles."""
    user = users().filter(pk=key_of(user_id)).first()
    if user is None:
        raise not_found(f"There is no user {user_id}.")
    return user_body(user)
