"""Who can log in to the demo (roles by PRODUCT §11's names)."""

import os
from io import StringIO
from typing import NamedTuple

from django.contrib.auth.models import Group
from django.core.management import call_command

from omnichannel.accounts import tokens
from omnichannel.accounts.models import ApiClient, User
from omnichannel.locations.models import FulfillmentLocation, LocationAccess

# No secret: printed at every start, and the demo holds no one's data.
PASSWORD = "omnichannel-demo"  # noqa: S105
ALL, OWN = User.Scope.ALL_STORES, User.Scope.OWN_STORES


class Login(NamedTuple):
    """A demo user; `stores` are where he acts and sees documents."""

    username: str
    what: str
    role: str | None = None
    stores: tuple[str, ...] = ()
    stock_scope: str = ALL
    document_scope: str = OWN
    is_superuser: bool = False
    kind: User.Kind = User.Kind.PERSON


# What an ERP signs in as; its secret is everybody's password.
CLIENT, CLIENT_ACTS_AS = "erp-client", "erp"
LOGINS = (
    Login("admin", "everything, Django admin too", "Admin", is_superuser=True, document_scope=ALL),
    Login("operations", "all stores", "Corporate Operations", document_scope=ALL),
    Login("manager-de", "acts in DE-01, reads stock everywhere", "Store Manager", ("DE-01",)),
    Login("manager-gb", "sees GB-01 only", "Store Manager", ("GB-01",), stock_scope=OWN),
    Login("associate-de", "works in DE-01", "Associate", ("DE-01",)),
    Login("viewer", "View inventory management only", "Viewer", ("DE-01", "GB-01")),
    Login("nobody", "no role"),
    Login(
        "erp",
        f"the API, all stores; the API client {CLIENT} acts as erp",
        "Integration",
        document_scope=ALL,
        kind=User.Kind.INTEGRATION,
    ),
)


def password() -> str:
    """DEMO_PASSWORD, or the one that the README prints."""
    return os.environ.get("DEMO_PASSWORD") or PASSWORD


def load_people() -> None:
    """Create the demo's users; a store that the data does not have is left out."""
    call_command("sync_roles", verbosity=0, stdout=StringIO())
    groups = {group.name: group for group in Group.objects.all()}
    locations = dict(FulfillmentLocation.objects.values_list("code", "pk"))
    for login in LOGINS:
        user = User(
            username=login.username,
            stock_scope=login.stock_scope,
            document_scope=login.document_scope,
            is_superuser=login.is_superuser,
            is_staff=login.is_superuser,
            kind=login.kind,
        )
        user.set_password(password())
        user.save()
        if login.role:
            user.groups.add(groups[login.role])
        LocationAccess.objects.bulk_create(
            LocationAccess(user=user, location_id=locations[code])
            for code in login.stores
            if code in locations
        )
    load_client()


def load_client() -> None:
    """The API client of the demo; as with a password, only a digest of its secret is kept."""
    ApiClient.objects.create(
        client_id=CLIENT,
        secret_digest=tokens.digest(password()),
        user=User.objects.get(username=CLIENT_ACTS_AS),
    )


def remove_people() -> int:
    """Delete the demo's users with their sessions' right to exist; answers how many."""
    found = User.objects.filter(username__in=[login.username for login in LOGINS])
    number = found.count()
    ApiClient.objects.filter(user__in=found).delete()
    found.delete()
    return number
