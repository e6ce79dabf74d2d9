"""The sandbox's own endpoints below /_sandbox: faults, rows, limits, counts, holdings. No vendor has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors import clock
from sandbox.vendors.faults import Fault, FaultyEdge
from sandbox.vendors.stream import Json, Patch, Raw, Row, Stream
from sandbox.vendors.vendor import Endpoint, Vendor, reply


class RowChange(BaseModel):
    """A row to add (`row`, exactly as it is to be served) or the row of `key` to change (`set`, `unset`).

    `at` (ISO) is when it changed, so when incremental reads find it; the end of the stream if not given, `null` in
    `touch` to leave a changed row where it is. `parent` is the key of the row that a nested one hangs under.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor: str
    stream: str
    row: dict[str, Any] | None = None
    key: str | None = None
    set: dict[str, Any] = {}
    unset: tuple[str, ...] = ()
    parent: str | None = None
    at: str | None = None
    touch: bool = True

    @model_validator(mode="after")
    def _one_of(self) -> RowChange:
        if self.row is None and (self.key is None or not (self.set or self.unset)):
            raise ValueError("give `row`, or `key` with `set` or `unset`")
        return self


class RateLimit(BaseModel):
    """A vendor's bucket: `capacity` requests (for Shopify points of query cost), refilled `per_second`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor: str
    capacity: float
    per_second: float


class _Unknown(LookupError):
    """A vendor, stream or row that the sandbox does not have."""


class Admin:
    """What tests ask of the sandbox."""

    def __init__(self, vendors: Mapping[str, Vendor], edge: FaultyEdge) -> None:
        """Act on those vendors and on the faults of the edge in front of them."""
        self._vendors, self._edge = vendors, edge
        self._made = count(1)

    def routes(self) -> list[BaseRoute]:
        """All below /_sandbox."""
        return [
            Route("/faults", self._safely(self.add_fault), methods=["POST"]),
            Route("/faults", self.list_faults, methods=["GET"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/rows", self._safely(self.change_row), methods=["POST"]),
            Route("/limits", self._safely(self.set_limit), methods=["POST"]),
            Route("/requests", self.requests, methods=["GET"]),
            Route("/requests", self.forget_requests, methods=["DELETE"]),
            Route("/streams", self.streams, methods=["GET"]),
            Route("/held", self.held, methods=["GET"]),
        ]

    def _safely(self, endpoint: Callable[[Json], Awaitable[Response]]) -> Endpoint:
        async def answer(request: Request) -> Response:
            try:
                return await endpoint(await request.json())
            except ValidationError as error:
                return reply({"error": error.errors(include_url=False, include_context=False)}, 422)
            except ValueError as error:
                return reply({"error": str(error)}, 422)
            except _Unknown as error:
                return reply({"error": str(error)}, 404)

        return answer

    def _vendor(self, name: str) -> Vendor:
        if name not in self._vendors:
            raise _Unknown(f"no vendor {name!r}; there are {', '.join(self._vendors)}")
        return self._vendors[name]

    async def add_fault(self, sent: Json) -> Response:
        """POST /_sandbox/faults."""
        fault = Fault.model_validate(sent)
        self._vendor(fault.vendor)
        self._edge.faults.append(fault)
        return reply(fault.model_dump(), 201)

    async def list_faults(self, _: Request) -> Response:
        """GET /_sandbox/faults, with what is left of `times` and `after`."""
        return reply({"faults": [fault.model_dump() for fault in self._edge.faults]})

    async def clear_faults(self, _: Request) -> Response:
        """DELETE /_sandbox/faults."""
        self._edge.faults.clear()
        return reply({"faults": []})

    async def change_row(self, sent: Json) -> Response:
        """POST /_sandbox/rows."""
        change = RowChange.model_validate(sent)
        streams = self._vendor(change.vendor).streams
        if change.stream not in streams:
            raise _Unknown(f"{change.vendor} has no stream {change.stream!r}; it has {', '.join(streams)}")
        stream = streams[change.stream]
        at = clock.parse(change.at) if change.at else max(stream.newest + clock.MICROS, self._latest(stream))
        if at is None:
            raise ValueError(f"`at` is not an ISO time: {change.at}")
        if change.row is not None:
            key = change.key or str(change.row.get("id") or change.row.get("Id") or f"made-{next(self._made)}")
            self._adopted(stream, change.parent)
            # Gids end in the native id, which is what keys are.
            stream.put(Row(at, key.rsplit("/", 1)[-1], Raw(change.row), change.parent))
            self._bump(stream, change.parent, at)
        else:
            key = str(change.key)
            row = stream.get(key)
            if row is None:
                raise _Unknown(f"{change.vendor} {change.stream} has no row {key!r}")
            stream.patch(key, Patch(change.set, change.unset))
            if change.touch:
                stream.move(key, at)
                self._bump(stream, row.parent, at)
        return reply({"key": key, "at": clock.write(at, "%Y-%m-%dT%H:%M:%SZ")}, 201)

    def _latest(self, stream: Stream) -> int:
        return 0 if stream.parent is None else stream.parent.newest + clock.MICROS

    def _adopted(self, stream: Stream, parent: str | None) -> None:
        if stream.parent is not None and (parent is None or stream.parent.get(parent) is None):
            raise _Unknown(f"rows of {stream.name} hang under {stream.parent.name}; {parent!r} is none of them")

    def _bump(self, stream: Stream, parent: str | None, at: int) -> None:
        """A nested row is found by incremental reads of its parent, so the parent has changed too."""
        if stream.parent is not None and parent is not None:
            stream.parent.move(parent, at)

    async def set_limit(self, sent: Json) -> Response:
        """POST /_sandbox/limits."""
        limit = RateLimit.model_validate(sent)
        self._vendor(limit.vendor).bucket.configure(limit.capacity, limit.per_second)
        return reply(limit.model_dump())

    async def requests(self, _: Request) -> Response:
        """GET /_sandbox/requests: by vendor, how often each method and path was asked, and the writes."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for (vendor, path), asked in sorted(self._edge.requests.items()):
            found[vendor][path] = asked
        return reply({"requests": found, "writes": {name: self._edge.writes[name] for name in self._vendors}})

    async def forget_requests(self, _: Request) -> Response:
        """DELETE /_sandbox/requests: count from zero."""
        self._edge.requests.clear()
        self._edge.writes.clear()
        return reply({"requests": {}})

    async def streams(self, _: Request) -> Response:
        """GET /_sandbox/streams: the number of rows by vendor and stream."""
        return reply(
            {name: {key: len(one) for key, one in vendor.streams.items()} for name, vendor in self._vendors.items()}
        )

    async def held(self, request: Request) -> Response:
        """GET /_sandbox/held?vendor=: what was written to that vendor, by resource."""
        name = request.query_params.get("vendor", "")
        if name not in self._vendors:
            return reply({"error": f"no vendor {name!r}; there are {', '.join(self._vendors)}"}, 404)
        return reply(self._vendors[name].held())
