"""The door: a database connection and a live API key for every request under /v1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg_pool import AsyncConnectionPool
from starlette.exceptions import HTTPException

from activation.access import KEY_BY_HASH, hash_of, is_key

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[DictRow]]

_bearer = HTTPBearer(auto_error=False, description="an API key, made with `braid api-key create`")


async def connection(request: Request) -> AsyncIterator[AsyncConnection[DictRow]]:
    """One connection of the pool, for the time of the request."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as borrowed:
        yield borrowed


Database: TypeAlias = Annotated[AsyncConnection[DictRow], Depends(connection)]


async def require_key(
    database: Database, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    """Let the request pass when it carries a live key.

    Raises:
        HTTPException: 401 when it does not.
    """
    if credentials is not None:
        row: dict[str, Any] | None = await (
            await database.execute(KEY_BY_HASH, [hash_of(credentials.credentials)])
        ).fetchone()
        if is_key(row["key_hash"] if row else None, credentials.credentials):
            return
    raise HTTPException(
        401,
        "send a live API key as `Authorization: Bearer <key>`; `braid api-key create` makes one",
        headers={"WWW-Authenticate": "Bearer"},
    )
