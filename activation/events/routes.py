"""The addresses of Segment's tracking API: what its client libraries send is taken as they send it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from activation.api.access import REFUSALS, Caller
from activation.api.problems import documented
from activation.events.body import BodyRejected, read_body, read_call
from activation.events.cors import EventsFromAnySite
from activation.events.door import NOBODY, WriteKey
from activation.events.message import CALLS, Refused
from activation.events.writer import EventWriter, Overloaded

_DOOR: Final = WriteKey()
_STATUSES: Final = (*REFUSALS, 400, 413, 415, 500)
_BATCHES: Final = ("batch", "import")

_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "batch": {
        "batch": [
            {"type": "identify", "userId": "u_1815", "messageId": "1", "traits": {"email": "ada@lovelace.example"}},
            {"type": "track", "userId": "u_1815", "messageId": "2", "event": "Product Viewed"},
        ],
        "sentAt": "2026-06-01T10:00:00Z",
    },
    "identify": {"userId": "u_1815", "messageId": "3", "traits": {"email": "ada@lovelace.example", "name": "Ada"}},
    "track": {"userId": "u_1815", "messageId": "4", "event": "Order Completed", "properties": {"order_id": "1042"}},
    "page": {"anonymousId": "a_7", "messageId": "5", "name": "Home", "properties": {"path": "/"}},
    "screen": {"anonymousId": "a_7", "messageId": "6", "name": "Start"},
    "group": {"userId": "u_1815", "messageId": "7", "groupId": "g_1", "traits": {"name": "Analytical Engines"}},
    "alias": {"userId": "u_1815", "previousId": "a_7", "messageId": "8"},
}

_OWN_WORDS: Final = {
    "batch": "Many messages of any type, each with its `type`.",
    "import": "The same as `/v1/batch`, which older clients call so.",
    "identify": "Who a person is: `userId`, and `traits` such as email, phone and name.",
    "track": "What a person did: `event`, and its `properties`.",
    "page": "A page of a website that was seen.",
    "screen": "A screen of an app that was seen.",
    "group": "The company that a person belongs to.",
    "alias": "Two ids of one person: `previousId` is `userId` from now on.",
}


class Taken(BaseModel):
    """Every message of the request is durable: as an event, or in quarantine with the reason."""

    success: Literal[True] = True


def install(app: FastAPI) -> None:
    """Add the addresses to the app, open to browsers of any site."""
    router = _router()
    app.include_router(router)
    app.add_middleware(EventsFromAnySite, paths=frozenset(getattr(route, "path", "") for route in router.routes))


def _router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["events"], lifespan=_writing)
    for name in (*_BATCHES, *CALLS):
        router.add_api_route(
            f"/{name}",
            _endpoint(None if name in _BATCHES else name),
            methods=["POST"],
            name=f"events_{name}",
            summary=name.capitalize(),
            description=f"{_OWN_WORDS[name]} Segment's wire format; the key is the user name of basic authentication.",
            response_model=Taken,
            responses=documented(*_STATUSES),
            openapi_extra=_documented_body("batch" if name in _BATCHES else name),
        )
    router.add_api_route("/b", _endpoint(None), methods=["POST"], include_in_schema=False)
    for call in CALLS:  # analytics.js appends the first letter of a call to its host
        router.add_api_route(f"/{call[0]}", _endpoint(call), methods=["POST"], include_in_schema=False)
    return router


@asynccontextmanager
async def _writing(app: FastAPI) -> AsyncIterator[None]:
    """Hold the writer of events while the app runs; its connections are the app's."""
    counted = app.state.metrics.events
    app.state.event_writer = EventWriter(
        app.state.writing_pool, lambda outcome, count: counted.labels(outcome).inc(count)
    )
    yield


def _endpoint(call: str | None) -> Callable[[Request, Caller], Awaitable[Response]]:
    """The endpoint of one call; None for a batch."""

    async def take(request: Request, caller: Annotated[Caller, Depends(_DOOR)]) -> Response:
        received_at = datetime.now(UTC)
        try:
            said = read_call(await read_body(request.stream(), request.headers.get("content-encoding")))
            if caller is NOBODY:
                caller = await _DOOR.by_body(request, said.write_key)
            messages = said.messages(call, received_at)
        except BodyRejected as rejected:
            raise HTTPException(rejected.status, str(rejected)) from None
        writer: EventWriter = request.app.state.event_writer
        try:
            await writer.keep(caller.key_id, messages)
        except Overloaded:
            raise HTTPException(503, "too much waits to be written; try again", headers={"Retry-After": "2"}) from None
        refused = sum(isinstance(message, Refused) for message in messages)
        headers = {"Braid-Quarantined": str(refused)} if refused else None
        return Response('{"success":true}', media_type="application/json", headers=headers)

    return take


def _documented_body(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": True}
    if name == "batch":
        schema = {**schema, "required": ["batch"], "properties": {"batch": {"type": "array", "items": {}}}}
    content = {"schema": schema, "example": _EXAMPLES[name]}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}
