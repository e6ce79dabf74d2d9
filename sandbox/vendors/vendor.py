"""What every look-alike is: a mountable app, its streams, its bucket, and its own way of saying no."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.vendors.limits import Bucket
from sandbox.vendors.stream import Json, Stream

IGNORED: Final = "sandbox.ignored"
FAILING_ROWS: Final = "sandbox.failing_rows"

Endpoint = Callable[[Request], Awaitable[Response]]


def reply(body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response."""
    return Response(orjson.dumps(body), status, headers, "application/json; charset=utf-8")


def page_token(*parts: object) -> str:
    """An opaque cursor that says where the next page starts."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def read_token(token: str) -> list[Any] | None:
    """The parts of a cursor that `page_token` made; None when it is not one."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        return None
    return parts if isinstance(parts, list) else None


def address(request: Request) -> str:
    """Where the caller reached this look-alike: scheme, host and mount path."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def is_ignored(request: Request) -> bool:
    """Whether a fault asks that this request is answered as done, and nothing of it applied."""
    return bool(request.scope.get(IGNORED))


def failing_rows(request: Request) -> frozenset[int]:
    """The places in the batch that a fault asks to fail, in the vendor's own way."""
    found: frozenset[int] = request.scope.get(FAILING_ROWS, frozenset())
    return found


class Vendor(ABC):
    """One vendor's look-alike."""

    name: str
    streams: dict[str, Stream]
    bucket: Bucket

    @abstractmethod
    def routes(self) -> list[BaseRoute]:
        """The paths below the vendor's base URL."""

    @abstractmethod
    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """The error that this vendor sends with an HTTP status, in its own format and headers."""

    @abstractmethod
    def environment(self, url: str) -> dict[str, str]:
        """The BRAID_… variables that point Braid at this look-alike, served below `url`."""

    def held(self) -> dict[str, Json]:
        """What was written to it, by resource, and under `writes` how often each row was; nothing if it only tells."""
        return {}

    def close(self) -> None:  # noqa: B027 - most look-alikes hold nothing
        """Release what the look-alike holds open."""
