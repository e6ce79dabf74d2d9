"""The app factory: one FastAPI app over one pool of read-only connections to schema `activation`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from activation.api import health, problems, profiles, segments
from activation.api.access import Pool
from activation.api.config import ApiConfig


def create_app(config: ApiConfig) -> FastAPI:
    """Build the app; connections are opened when it starts and closed when it stops.

    It starts without a database, too: requests then answer 503 until there is one.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _pool(config) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(
        title="Braid",
        summary="One customer from many records: profiles, timelines and segments.",
        version="1",
        lifespan=lifespan,
    )
    app.state.config = config
    problems.install(app)
    for router in (health.router, profiles.router, segments.router):
        app.include_router(router)
    _document_problems(app)
    return app


def _pool(config: ApiConfig) -> Pool:
    async def only_read(connection: AsyncConnection[DictRow]) -> None:
        await connection.execute("set default_transaction_read_only = on")
        await connection.execute("set timezone = 'UTC'")

    return AsyncConnectionPool(
        config.conninfo.get_secret_value(),
        connection_class=AsyncConnection[DictRow],
        kwargs={"autocommit": True, "row_factory": dict_row},
        min_size=config.least_connections,
        max_size=max(config.most_connections, config.least_connections),
        timeout=config.connection_timeout,
        configure=only_read,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )


def _document_problems(app: FastAPI) -> None:
    """Add the schema that every documented problem refers to."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            schema = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(schema.pop("$defs", {}))
            schemas["Problem"] = schema
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
