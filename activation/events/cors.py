"""Browsers may send events from any site; nothing else of the API is open to other sites' pages."""

from __future__ import annotations

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS: Final = ["Authorization", "Content-Type", "Content-Encoding", "X-Retry-Count"]
_TELLING: Final = ["Retry-After", "Braid-Quarantined"]
_A_DAY: Final = 86_400


class EventsFromAnySite:
    """Answers for other origins on the given paths, without cookies; leaves every other path alone."""

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        """Wrap `app`; `paths` are those of the events."""
        self._app = app
        self._paths = paths
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["POST"],
            allow_headers=_HEADERS,
            expose_headers=_TELLING,
            max_age=_A_DAY,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        of_events = scope["type"] == "http" and scope["path"].rstrip("/") in self._paths
        await (self._open if of_events else self._app)(scope, receive, send)
