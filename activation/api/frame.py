"""What surrounds every request: its id, headers that keep answers out of caches and frames, a count and a clock."""

from __future__ import annotations

import logging
import re
import traceback
from time import perf_counter
from typing import Final
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from activation.api.metrics import Metrics

_log = logging.getLogger(__name__)

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_ALWAYS: Final = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_OF_THE_API: Final = [
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_NOT_KEPT: Final = (b"cache-control", b"no-store")


class Frame:
    """Pure ASGI around the whole app, its handler of last resort included."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Frame `app`; count in `metrics`."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the door leaves its RateLimit headers in `scope["braid.headers"]`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["braid.request_id"] = request_id
        of_the_door: list[tuple[bytes, bytes]] = scope.setdefault("braid.headers", [])
        in_api = scope["path"].startswith("/v1/")
        status = 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], (b"x-request-id", request_id.encode()), *_ALWAYS, *of_the_door]
                if in_api:
                    headers += _OF_THE_API
                    if not any(name.lower() == _NOT_KEPT[0] for name, _ in headers):
                        headers.append(_NOT_KEPT)
                message = {**message, "headers": headers}
            await send(message)

        started = perf_counter()
        try:
            await self._app(scope, receive, framed)
        except Exception as error:
            if not status:
                raise
            # The error's own words may quote a row, and rows are people; where it happened is enough to find it.
            _log.error(
                "request %s of %s failed with %s\n%s",
                request_id,
                _template(scope),
                type(error).__name__,
                "".join(traceback.format_tb(error.__traceback__)),
            )
        finally:
            self._metrics.answered(scope["method"], _template(scope), status, perf_counter() - started)


def _request_id(scope: Scope) -> str:
    """The caller's own id of the request where it is one, so that its logs and ours can be held together."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return uuid4().hex


def _template(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unmatched")
