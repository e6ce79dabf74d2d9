"""dbt's connections to Postgres, each used by one node after the other of its thread instead of made anew for each."""

from __future__ import annotations

from typing import Any

from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.adapters.postgres.impl import PostgresAdapter


class LastingConnections(PostgresConnectionManager):
    """Connections that stay open until dbt is done: a new one asks everything of the catalogue anew.

    What a node leaves in its session would be seen by the next: an open transaction is rolled back, settings are set
    for a transaction, and temporary tables go with it or have names of their own.
    """

    def release(self) -> None:
        """Give the thread's connection back as it came: open, and in no transaction."""
        connection = self.get_if_exists()
        if connection is None or connection.state != "open":
            return super().release()
        try:
            handle: Any = connection.handle
            handle.rollback()
            connection.transaction_open = False
        except Exception:
            super().release()
        return None


def keep_connections() -> None:
    """Let dbt, in this process, keep its connections."""
    PostgresAdapter.ConnectionManager = LastingConnections
