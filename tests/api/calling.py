"""The API as integrations call it, and the small world that its tests ask about."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from omnichannel.accounts import tokens
from omnichannel.accounts.models import ApiClient, User
from omnichannel.accounts.scopes import SCOPES
from omnichannel.catalog.models import ProductIdentifier
from omnichannel.locations.models import FulfillmentLocation
from tests.kit.conftest import World

Call = Callable[..., HttpResponse]
SECRET = "a secret that nobody guesses"


def caller(user: User, scopes: tuple[str, ...] = SCOPES, **options: Any) -> Call:
    """call(method, path, body, **headers) with a token of the user; text and bytes go as they are."""
    return with_token(tokens.issue(user, scopes).access_token, **options)


def with_token(token: str, **options: Any) -> Call:
    client = Client(headers={"Authorization": f"Bearer {token}"} if token else {}, **options)

    def call(method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        raw = b"" if body is None else body if isinstance(body, bytes | str) else json.dumps(body)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return client.generic(method, path, raw, "application/json", headers=named)

    return call


def api_client(user: User, client_id: str = "erp-client", **fields: Any) -> ApiClient:
    """A client whose secret is SECRET."""
    return ApiClient.objects.create(
        client_id=client_id, secret_digest=tokens.digest(SECRET), user=user, **fields
    )


def reference_world() -> World:
    """Two stores of ours, one of the ERP's, a distribution centre, products and some stock."""
    world = World()
    world.erp_store = FulfillmentLocation.objects.create(
        code="FR-01", store_id="FR-01", kind="STORE", name="Chez ERP", country_code="FR",
        time_zone="Europe/Paris",
    )  # fmt: skip
    world.dc = FulfillmentLocation.objects.create(
        code="DC-EU", kind="DC", name="Centre", country_code="NL", time_zone="Europe/Amsterdam"
    )
    world.heart = world.product(
        "85123A", "Heart holder", sku="SKU-1", size="M", color="red", variant_group="HEART"
    )
    world.mug = world.product("MUG/1=a", "A mug, ünïcode")
    ProductIdentifier.objects.create(product=world.heart, type="EAN13", value="4006381333931")
    world.post((world.heart, 10), (world.mug, 4), type="RECEIVING")
    world.post((world.heart, 2), shelf="damaged", type="RECEIVING")
    world.post((world.heart, 3), shelf="_in_transit", type="RECEIVING")
    return world
