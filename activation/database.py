"""The little that every writer of `activation` needs from psycopg: whole transactions, and one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import psycopg
from psycopg.pq import TransactionStatus

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

PATIENCE: Final = 30.0
"""Seconds to wait for another session that does the same work."""


class ActivationError(RuntimeError):
    """Something in activation cannot go on; the message says what was wrong, where, and what to do next."""


def require_idle(connection: Connection) -> None:
    """Refuse a connection in the middle of someone else's transaction: our commits would not be ours.

    Raises:
        ActivationError: if a transaction is open.
    """
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        raise ActivationError("the connection has an open transaction; commit or roll it back first")


@contextmanager
def exclusive(connection: Connection, work: str) -> Iterator[None]:
    """Hold the lock of one kind of work, across several transactions and across processes.

    The lock belongs to the session: it goes when the process dies. The server may notice a killed process only after
    its last query, so a re-run waits for `PATIENCE` seconds before it gives up.

    Raises:
        ActivationError: if another session holds it, or the connection has an open transaction.
    """
    require_idle(connection)
    try:
        with connection.transaction():
            connection.execute("select set_config('lock_timeout', %s, true)", [f"{int(PATIENCE * 1000)}ms"])
            connection.execute("select pg_advisory_lock(hashtextextended('braid activation ' || %s, 0))", [work])
    except psycopg.errors.LockNotAvailable:
        raise ActivationError(f"{work} is already running in another session; wait for it to end") from None
    try:
        yield
    finally:
        if not connection.closed:
            if connection.info.transaction_status is not TransactionStatus.IDLE:
                connection.rollback()
            with connection.transaction():
                connection.execute("select pg_advisory_unlock(hashtextextended('braid activation ' || %s, 0))", [work])


def scalar(connection: Connection, query: str, parameters: list[object] | None = None) -> Any:
    """The first column of the first row; None when there is no row."""
    row = connection.execute(query, parameters).fetchone()
    return None if row is None else row[0]
