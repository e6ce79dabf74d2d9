"""A Braid that takes events: the schema, a write key, and the API on a port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from activation.access.keys import create_key
from activation.access.role import ensure_role
from activation.access.scopes import Scope
from activation.api.app import create_app
from activation.api.config import ApiConfig
from orchestration.warehouse import Warehouse


@dataclass(frozen=True)
class Taking:
    """An API that takes events, and what it has taken."""

    url: str
    key: str
    warehouse: Warehouse

    def post(self, path: str, said: Any, **other: Any) -> httpx.Response:
        """Send a body as JSON with the key as user name."""
        with httpx.Client(base_url=self.url, auth=(self.key, "")) as client:
            return client.post(path, json=said, **other)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.warehouse.connect() as connection:
            return connection.execute(query).fetchall()

    def ids(self) -> list[str]:
        return [row[0] for row in self.rows("select message_id from activation.events order by message_id")]


def write_key(warehouse: Warehouse) -> str:
    """A key that may send events and nothing else, over a database that has the schema and the API's role."""
    with warehouse.connect() as connection:
        key = create_key(connection, "shop", frozenset({Scope.EVENTS}), rate_limit=10_000_000).key
        assert ensure_role(connection) is None
    return key


@pytest.fixture
def taking(warehouse: Warehouse, serve: Callable[[Any], str]) -> Iterator[Taking]:
    key = write_key(warehouse)
    app = create_app(ApiConfig(conninfo=SecretStr(warehouse.address.conninfo), connection_timeout=1))
    yield Taking(serve(app), key, warehouse)


@pytest.fixture
def connection(warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    with warehouse.connect() as connection:
        yield connection
