"""The six people of the permission matrix, in two stores."""

import time

from django.contrib.auth.models import Group
from django.test import Client

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Pricebook
from omnichannel.locations.models import FulfillmentLocation, LocationAccess

PASSWORD = "correct horse battery"
ALL, OWN = User.Scope.ALL_STORES, User.Scope.OWN_STORES


def store(code: str, country: str = "DE") -> FulfillmentLocation:
    pricebook, _made = Pricebook.objects.get_or_create(name="EUR", currency="EUR")
    return FulfillmentLocation.objects.create(
        code=code,
        kind=FulfillmentLocation.Kind.STORE,
        store_id=code,
        name=f"Store {code}",
        country_code=country,
        time_zone="Europe/Berlin",
        pricebook=pricebook,
        is_inventory_master=True,
    )


def person(username: str, *roles: str, stores: tuple = (), **fields: object) -> User:
    """A user with a usable PASSWORD, the named default roles and access to `stores`."""
    user = User(username=username, **fields)
    user.set_password(PASSWORD)
    user.save()
    if roles:
        user.groups.set(Group.objects.filter(name__in=roles))
        assert user.groups.count() == len(roles)
    for location in stores:
        LocationAccess.objects.create(user=user, location=location)
    return user


def signed_in(user: User | None, *, seconds_ago: float = 0, **options: object) -> Client:
    """A client with `user`'s session, as it is that long after he typed his password."""
    client = Client(**options)
    if user:
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        typed = {"method": "password", "at": time.time() - seconds_ago}
        session["account_authentication_methods"] = [typed]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client
