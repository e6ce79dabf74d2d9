"""The tables of schema `activation`: created and migrated here, and nowhere else; the scripts are in `migrations`."""

from __future__ import annotations

from typing import Final

from activation.database import ActivationError, Connection, require_idle, scalar
from activation.migrations import MIGRATIONS

VERSION: Final = len(MIGRATIONS)


def version(connection: Connection) -> int:
    """The version of the schema in this database; 0 when it is not there."""
    if scalar(connection, "select to_regclass('activation.schema_versions')") is None:
        return 0
    return int(scalar(connection, "select coalesce(max(version), 0) from activation.schema_versions"))


def require_current(connection: Connection) -> None:
    """Refuse to read a schema that is not there or is another version's.

    Raises:
        ActivationError: if the schema is not at `VERSION`.
    """
    require_idle(connection)
    with connection.transaction():
        found = version(connection)
    if found != VERSION:
        raise ActivationError(
            f"schema activation is at version {found}, and this Braid needs {VERSION}; publish first"
            if found
            else "nothing is published yet: there is no schema activation; run the pipeline first"
        )


def migrate(connection: Connection) -> int:
    """Bring the schema `activation` to `VERSION`, in one transaction; nothing is written when it is there already.

    Returns:
        The number of migrations that were applied.

    Raises:
        ActivationError: if the database was migrated by a newer Braid, or the connection has an open transaction.
    """
    require_idle(connection)
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtextextended('braid activation migration', 0))")
        current = version(connection)
        if current > VERSION:
            raise ActivationError(
                f"schema activation is at version {current}, newer than the {VERSION} that this Braid knows; "
                "update Braid"
            )
        if current == 0:
            connection.execute("create schema if not exists activation")
            connection.execute(
                "create table if not exists activation.schema_versions "
                "(version integer primary key, applied_at timestamptz not null default now())"
            )
        for number, script in enumerate(MIGRATIONS[current:], start=current + 1):
            connection.execute(script)
            connection.execute("insert into activation.schema_versions (version) values (%s)", [number])
    return VERSION - current
