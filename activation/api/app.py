"""The app factory: one FastAPI app over pools of connections to schema `activation`, under the role `braid_api`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from activation.api import health, metrics, problems, served
from activation.api.audit import AuditWriter
from activation.api.config import ApiConfig
from activation.api.frame import Frame
from activation.api.limits import RateLimiter
from activation.api.live_keys import LiveKeys
from activation.api.pools import UNREACHABLE, door_pool, reading_pool, writing_pool
from activation.events import routes as events

_log = logging.getLogger(__name__)
_OBSERVED_EVERY: Final = 1.0  # seconds
_FAREWELL: Final = 10.0  # seconds for what must still be written


def create_app(config: ApiConfig) -> FastAPI:
    """Build the app; connections are opened when it starts and closed when it stops.

    It starts without a database, too: requests then answer 503 until there is one.
    """
    app = FastAPI(
        title="Braid",
        summary="One customer from many records: profiles, timelines and segments.",
        version="1",
        lifespan=_lifespan,
    )
    app.state.config = config
    app.state.metrics = metrics.Metrics()
    problems.install(app)
    for router in (health.router, metrics.router, *served.ROUTERS):
        app.include_router(router)
    events.install(app)
    _document_problems(app)
    _frame(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state, config = app.state, app.state.config
    async with (
        reading_pool(config) as state.pool,
        writing_pool(config) as state.writing_pool,
        door_pool(config) as door,
    ):
        state.keys = LiveKeys(door, config.key_memory)
        state.limiter = RateLimiter(config.shared_folder)
        state.audit = AuditWriter(door, config.most_unwritten_audit)

        async def observe() -> None:
            while True:
                await asyncio.sleep(_OBSERVED_EVERY)
                state.metrics.observe((state.pool, state.writing_pool, door), state.audit)
                with suppress(*UNREACHABLE):  # requests say so themselves
                    await state.keys.stamp()

        state.audit.start()
        observing = asyncio.create_task(observe())
        try:
            yield
        finally:
            observing.cancel()
            (ended,) = await asyncio.gather(observing, return_exceptions=True)
            if isinstance(ended, Exception):
                _log.error("the figures of the API had stopped (%s)", type(ended).__name__)
            await state.audit.close(_FAREWELL)
            with suppress(*UNREACHABLE):
                await state.keys.stamp()
            state.limiter.close()
            state.metrics.close()


def _frame(app: FastAPI) -> None:
    """Put the frame outside of everything: what answers an unforeseen error is framed, too."""
    build = app.build_middleware_stack

    def framed() -> ASGIApp:
        return Frame(build(), app.state.metrics)

    app.build_middleware_stack = framed  # type: ignore[method-assign]


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
