"""The API's connections: pools that run as the role `braid_api`, and the ways a route borrows one."""

from __future__ import annotations

import logging
import select
from collections.abc import AsyncIterator
from typing import Annotated, Final, TypeAlias

import psycopg
from fastapi import Depends, Request
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from activation.access.role import ROLE
from activation.api.config import ApiConfig

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[DictRow]]

UNREACHABLE: Final = (psycopg.Error, PoolClosed, PoolTimeout, OSError)
"""What a statement raises when the database cannot be asked, or says no."""

_log = logging.getLogger(__name__)
_DOOR_CONNECTIONS: Final = 2
_NO_SUCH_ROLE: Final = (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue)


def reading_pool(config: ApiConfig) -> Pool:
    """Connections that can only read, for what the API serves."""
    return _pool(config, "reading", config.least_connections, config.most_connections, read_only=True)


def writing_pool(config: ApiConfig) -> Pool:
    """Connections for routes that append to the API's own tables."""
    return _pool(config, "writing", 0, config.most_writing_connections)


def door_pool(config: ApiConfig) -> Pool:
    """Connections for keys and the audit trail, which no route holds: so nobody waits here for who waits for them."""
    return _pool(config, "door", 1, _DOOR_CONNECTIONS)


async def connection(request: Request) -> AsyncIterator[AsyncConnection[DictRow]]:
    """One read-only connection, for the time of the request."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as borrowed:
        yield borrowed


async def writing_connection(request: Request) -> AsyncIterator[AsyncConnection[DictRow]]:
    """One connection that may append to the API's own tables, for the time of the request."""
    pool: Pool = request.app.state.writing_pool
    async with pool.connection() as borrowed:
        yield borrowed


Database: TypeAlias = Annotated[AsyncConnection[DictRow], Depends(connection)]
"""A read-only connection, in autocommit."""

Writing: TypeAlias = Annotated[AsyncConnection[DictRow], Depends(writing_connection)]
"""A connection for the API's own tables, in autocommit: open a transaction for what belongs together."""


def _pool(config: ApiConfig, name: str, least: int, most: int, *, read_only: bool = False) -> Pool:
    async def configure(connection: AsyncConnection[DictRow]) -> None:
        if read_only:
            await connection.execute("set default_transaction_read_only = on")
        await connection.execute("set timezone = 'UTC'")
        await connection.execute(
            "select set_config('statement_timeout', %s, false)", [f"{int(config.statement_timeout * 1000)}ms"]
        )
        try:
            await connection.execute(f"set role {ROLE}")
        except _NO_SUCH_ROLE:
            # `braid serve` has said so, with what to do; here it is for who runs the app by other means.
            _log.warning("the API's connections (%s) run as the warehouse's own user: no role %s", name, ROLE)

    return AsyncConnectionPool(
        config.conninfo.get_secret_value(),
        connection_class=AsyncConnection[DictRow],
        kwargs={"autocommit": True, "row_factory": dict_row},
        min_size=least,
        max_size=max(most, least),
        timeout=config.connection_timeout,
        configure=configure,
        check=_check,
        name=name,
        open=False,
    )


async def _check(connection: AsyncConnection[DictRow]) -> None:
    """Ask the server only when the socket has something to say: an idle one that is readable was closed, as a rule.

    A round trip for every borrowed connection would double what a lookup asks of the database.
    """
    if connection.closed or not _is_silent(connection.pgconn.socket):
        await AsyncConnectionPool.check_connection(connection)


def _is_silent(socket: int) -> bool:
    if not hasattr(select, "poll"):  # Windows; select() there and here has no place for the thousandth socket
        return False
    asked = select.poll()
    asked.register(socket, select.POLLIN)
    return not asked.poll(0)
