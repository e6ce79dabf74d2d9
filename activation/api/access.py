"""The door: a live API key, with one of the scopes that an endpoint asks for, within the key's rate."""

from __future__ import annotations

import base64
from functools import cache
from typing import Final

from fastapi import Request
from fastapi.openapi.models import HTTPBase, HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.exceptions import HTTPException

from activation.access.scopes import Caller, Scope
from activation.api.limits import RateLimiter
from activation.api.live_keys import LiveKeys
from activation.api.pools import Database, Pool, Writing

__all__ = ["REFUSALS", "Caller", "Database", "Pool", "Scope", "Writing", "require"]

REFUSALS: Final = (401, 403, 429, 503)
"""What every endpoint behind the door may answer, for `documented`."""

_SENT_AS: Final = "an API key, made with `braid api-key create`"


class Door(SecurityBase):
    """A dependency that lets a caller pass who has one of the scopes, and says who it is."""

    def __init__(self, scopes: tuple[Scope, ...]) -> None:
        """Ask for one of `scopes`; a door for events is documented as Segment's clients use it: key as user name."""
        self.scopes = scopes
        if scopes == (Scope.EVENTS,):
            self.model = HTTPBase(scheme="basic", description=f"user name: {_SENT_AS}; no password")
            self.scheme_name = "write key"
        else:
            self.model = HTTPBearer(description=_SENT_AS)
            self.scheme_name = "API key"

    async def __call__(self, request: Request) -> Caller:
        """The caller of a request by its Authorization header; raises as `admit`."""
        return await self.admit(request, presented_key(request.headers.get("authorization")))

    async def admit(self, request: Request, key: str | None) -> Caller:
        """The caller whose key it is; a request is counted once, through however many doors it goes.

        Raises:
            HTTPException: 401 without a live key, 403 without one of the scopes, 429 over the key's rate.
        """
        caller: Caller | None = request.scope.get("braid.caller")
        if caller is None:
            caller = await _known(request, key)
            request.scope["braid.caller"] = caller
        if not caller.may(*self.scopes):
            wanted = " or ".join(self.scopes)
            held = ", ".join(sorted(caller.scopes)) or "none"
            raise HTTPException(
                403,
                f"this needs a key with the scope {wanted}; the key sent has: {held}. An administrator can make one",
            )
        return caller


@cache
def require(*scopes: Scope) -> Door:
    """The dependency for endpoints that any one of the scopes opens; `admin` opens all.

    Use: `caller: Annotated[Caller, Depends(require(Scope.SUPPORT, Scope.STEWARD))]`.
    """
    if not scopes:
        raise ValueError("name the scopes that open this endpoint")
    return Door(scopes)


async def _known(request: Request, key: str | None) -> Caller:
    keys: LiveKeys = request.app.state.keys
    live = await keys.find(key) if key else None
    if live is None:
        raise HTTPException(
            401,
            "send a live API key as `Authorization: Bearer <key>`; `braid api-key create` makes one",
            headers={"WWW-Authenticate": "Bearer"},
        )
    limiter: RateLimiter = request.app.state.limiter
    turn = limiter.take(live.number, live.rate_limit)
    request.scope.setdefault("braid.headers", []).extend(turn.headers)
    if not turn.granted:
        raise HTTPException(
            429,
            f"this key may make {live.rate_limit} requests a minute; ask again after the seconds in Retry-After",
            headers={"Retry-After": str(turn.retry_after)},
        )
    return live.caller


def presented_key(authorization: str | None) -> str | None:
    """The key in an Authorization header: `Bearer <key>`, or `Basic` with the key as user name; None without one."""
    scheme, _, value = (authorization or "").partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer":
        return value or None
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0] or None
        except ValueError:
            return None
    return None
