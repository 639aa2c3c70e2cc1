import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from omnichannel.accounts import tokens
from omnichannel.accounts.models import User
from omnichannel.accounts.scopes import SCOPES
from omnichannel.catalog.models import ProductIdentifier
from omnichannel.locations.models import FulfillmentLocation
from tests.kit.conftest import World
from tests.people import ALL, person

Call = Callable[..., HttpResponse]


def caller(user: User, scopes: tuple[str, ...] = SCOPES, **options: Any) -> Call:
    """call(method, path, body, **headers) with a token of the user."""
    token = tokens.issue(user, scopes).access_token
    client = Client(headers={"Authorization": f"Bearer {token}"}, **options)

    def call(method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        raw = b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return client.generic(method, path, raw, "application/json", headers=named)

    return call


@pytest.fixture
def world(db: None) -> World:
    """Two stores of ours, one of the ERP's, a distribution centre, products and some stock."""
    cache.clear()
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


@pytest.fixture
def everybody(world: World) -> User:
    """May everything, everywhere."""
    return person("erp", is_superuser=True, stock_scope=ALL, document_scope=ALL, first_name="E")


@pytest.fixture
def call(everybody: User) -> Call:
    return caller(everybody)
