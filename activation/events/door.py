"""The door of events: a key of scope `events`, in the header as servers send it, or in the body as browsers do."""

from __future__ import annotations

from fastapi import Request
from starlette.exceptions import HTTPException

from activation.api.access import Caller, Door, Scope, presented_key


class WriteKey(Door):
    """A dependency that tells the caller by the header; without a key there, it waits for the one in the body."""

    def __init__(self) -> None:
        """Open for keys of the scope `events`."""
        super().__init__((Scope.EVENTS,))

    async def __call__(self, request: Request) -> Caller:
        """See `Door`; the caller of a request without a key in its header is nobody yet."""
        if presented_key(request.headers.get("authorization")) is None:
            return NOBODY
        return await super().__call__(request)

    async def by_body(self, request: Request, key: str | None) -> Caller:
        """The caller that the `writeKey` of a body names.

        Raises:
            HTTPException: 401 without a live key, 403 without the scope, 429 over the key's rate.
        """
        if not key or not key.isascii():
            raise HTTPException(
                401,
                "send a live write key as the user name of basic authentication, or as `writeKey` in the body; "
                "`braid api-key create --scope events` makes one",
                headers={"WWW-Authenticate": 'Basic realm="braid"'},
            )
        header = (b"authorization", b"Bearer " + key.encode())
        return await super().__call__(Request({**request.scope, "headers": [*request.scope["headers"], header]}))


NOBODY = Caller("", "", frozenset())
"""Who has shown no key yet."""
