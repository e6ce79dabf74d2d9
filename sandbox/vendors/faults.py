"""Faults on request: the misbehaviour of real APIs, switched on by a test and counted down."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.vendors.stream import Json
from sandbox.vendors.vendor import FAILING_ROWS, IGNORED, Vendor

_ROOTS = re.compile(r"\b(customers|orders|abandonedCheckouts|products)\b")


class Mutation(BaseModel):
    """A change of an answer's JSON: at `path` (`data.orders.nodes.0`), fields set and removed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = ""
    set: dict[str, Any] = {}
    unset: tuple[str, ...] = ()

    def apply(self, body: Json) -> None:
        """Change the parsed body in place; a path that is not there changes nothing."""
        for step in filter(None, self.path.split(".")):
            if isinstance(body, list) and step.lstrip("-").isdigit() and -len(body) <= int(step) < len(body):
                body = body[int(step)]
            elif isinstance(body, dict) and step in body:
                body = body[step]
            else:
                return
        if isinstance(body, dict):
            body.update(self.set)
            for name in self.unset:
                body.pop(name, None)


class Fault(BaseModel):
    """What goes wrong, where, and how often."""

    model_config = ConfigDict(extra="forbid")

    vendor: str
    method: str = Field("", description="only requests of this HTTP method; any when empty")
    path: str = Field("", description="a part of path, query string or request body")
    kind: Literal["status", "reset", "truncate", "slow", "mutate", "after_apply", "ignore", "partial"]
    status: int = 500
    retry_after: int | None = None
    seconds: float = 1.0
    mutate: Mutation = Mutation()
    rows: tuple[int, ...] = Field((0,), description="of a `partial` fault: the places in the batch that fail")
    times: int = Field(1, description="how often; -1 for ever")
    after: int = Field(0, description="how many matching requests pass first")

    def strikes(self, vendor: str, request: str, method: str = "") -> bool:
        """Whether this request is hit; counts `after` and `times` down."""
        if self.vendor != vendor or self.path not in request or self.times == 0:
            return False
        if self.method and self.method != method:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1 if self.times > 0 else 0
        return True


class FaultyEdge:
    """ASGI middleware in front of the vendors: counts requests and makes the faults happen."""

    def __init__(self, app: ASGIApp, vendors: Mapping[str, Vendor]) -> None:
        """Stand in front of `app`, whose first path part names the vendor."""
        self._app, self._vendors = app, vendors
        self.faults: list[Fault] = []
        self.requests: Counter[tuple[str, str]] = Counter()
        self.writes: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, faulty or not."""
        vendor = self._vendor(scope)
        if vendor is None:
            await self._app(scope, receive, send)
            return
        sent = await _whole(receive)
        text = f"{scope['path']}?{scope['query_string'].decode()}\n{sent.decode(errors='replace')}"
        self._count(vendor.name, scope, sent)
        fault = next((one for one in self.faults if one.strikes(vendor.name, text, scope["method"])), None)
        again = _replay(sent, receive)
        if fault is None:
            await self._app(scope, again, send)
        elif fault.kind == "status":
            await vendor.failure(fault.status, fault.retry_after)(scope, again, send)
        elif fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, again, send)
        elif fault.kind == "after_apply":
            await self._app(scope, again, _unheard)
            _hang_up(send)
        elif fault.kind == "ignore":
            await self._app({**scope, IGNORED: True}, again, send)
        elif fault.kind == "partial":
            await self._app({**scope, FAILING_ROWS: frozenset(fault.rows)}, again, send)
        else:
            await self._damaged(fault, scope, again, send)

    def _vendor(self, scope: Scope) -> Vendor | None:
        if scope["type"] != "http":
            return None
        first = scope["path"].split("/", 2)[1]
        # Salesforce's own next-page links start at the root of its host.
        return self._vendors.get("salesforce" if first == "services" else first)

    def _count(self, name: str, scope: Scope, sent: bytes) -> None:
        path = scope["path"].removeprefix(f"/{name}")
        if path.endswith("/graphql.json"):
            path = " ".join([path, *dict.fromkeys(_ROOTS.findall(sent.decode(errors="replace")))])
        self.requests[(name, f"{scope['method']} {path}")] += 1
        if scope["method"] in {"PUT", "PATCH", "DELETE"} or (
            scope["method"] == "POST" and not path.startswith(("/services/oauth2", "/admin/api"))
        ):
            self.writes[name] += 1

    async def _damaged(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = bytearray()

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self._app(scope, receive, hold)
        whole = bytes(body)
        if fault.kind == "mutate":
            with suppress(orjson.JSONDecodeError):
                parsed = orjson.loads(whole)
                fault.mutate.apply(parsed)
                whole = orjson.dumps(parsed)
        shown = whole if fault.kind == "mutate" else whole[: len(whole) // 2]
        # A cut-off page is whole to HTTP; a reset connection has promised more than it sends.
        promised = len(whole) if fault.kind == "reset" else len(shown)
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(promised).encode())]})
        await send({"type": "http.response.body", "body": shown, "more_body": fault.kind == "reset"})
        if fault.kind == "reset":
            _hang_up(send)


async def _unheard(_: Message) -> None:
    """Where an answer goes that nobody receives."""


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body.extend(message.get("body", b""))
        if not message.get("more_body"):
            return bytes(body)


def _replay(sent: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": sent, "more_body": False}

    return again


def _hang_up(send: Send) -> None:
    """Reset the TCP connection: uvicorn's `send` is a method of the cycle that holds the transport."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the sandbox drops this connection on purpose")
    held = transport.get_extra_info("socket")
    if held is not None:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
