"""A small published world behind the door, and clients with keys of every scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from activation.access.keys import create_key
from activation.access.scopes import Scope
from activation.api.app import create_app
from activation.api.config import ApiConfig
from activation.publish import publish

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def published(world: Any) -> Any:
    """Two customers, one of them with everything."""
    world.customer(
        "c1",
        email="ada@lovelace.org",
        phone="+12025550123",
        consent={"email": "granted"},
        segments=["vip"],
        records=["zendesk:user:1"],
    )
    world.customer("c2", records=["x:user:9"], name="Byron Lovelace")
    world.interaction(1, "c1")
    publish(world.connection, "r1", AS_OF)
    return world


@pytest.fixture
def app(published: Any, warehouse: Any) -> Any:
    return create_app(ApiConfig(conninfo=SecretStr(warehouse.address.conninfo), connection_timeout=2))


@pytest.fixture
def url(app: Any, serve: Any) -> str:
    return str(serve(app))


@pytest.fixture
def client(published: Any, url: str) -> Callable[..., httpx.Client]:
    """Call it with scopes, and what else a key may have, for a client with such a key."""

    def make(*scopes: Scope, **key: Any) -> httpx.Client:
        new = create_key(published.connection, "tests", frozenset(scopes), **key)
        return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {new.key}"})

    return make
