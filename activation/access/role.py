"""The database role that the API runs under: it reads what is served, and appends to the API's own tables.

The role cannot log in. The API's connections log in as the warehouse's user and take the role on (`set role`), so what
a request could make them do ends at these grants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psycopg

from activation.database import Connection, require_idle, scalar
from activation.published_tables import PUBLISHED_TABLES

ROLE: Final = "braid_api"


@dataclass(frozen=True)
class Grant:
    """What the role may do with one table of schema `activation`."""

    table: str
    privileges: str


OWN_TABLES: Final = (
    Grant("api_keys", "select, update (last_used_at)"),
    Grant("audit", "insert"),
    Grant("publications", "select"),
    Grant("events", "insert, select (key_id, message_id, payload)"),
    Grant("quarantined_events", "insert, select (key_id, content_hash)"),
)
"""Beside the published tables, which it may select from. A table that is not there yet is passed over.

Of events it reads what tells a retry from another event.
"""

_ATTEMPTS: Final = 3
_AT_THE_SAME_TIME: Final = (
    psycopg.errors.DuplicateObject,
    psycopg.errors.UniqueViolation,
    psycopg.errors.InternalError_,
)


def ensure_role(connection: Connection) -> str | None:
    """Make the role and give it exactly its grants.

    Returns:
        None when connections of this user can take the role on; else, in words for a person, why they cannot and what
        to do. The API then runs as the warehouse's own user, reading in read-only transactions.

    Raises:
        ActivationError: if the connection has an open transaction.
    """
    require_idle(connection)
    problem = _prepare(connection)
    if _usable(connection):
        return None
    return (
        "the API runs as the warehouse's own user, who may read and write more than the API should: "
        f"{problem or 'the role lacks its grants'}. Let an administrator run `create role {ROLE} nologin`, "
        f"`grant {ROLE} to <the warehouse's user>`, and start again"
    )


def _prepare(connection: Connection) -> str | None:
    problem = None
    for _ in range(_ATTEMPTS):
        try:
            with connection.transaction():
                if scalar(connection, "select to_regrole(%s)", [ROLE]) is None:
                    connection.execute(f"create role {ROLE} nologin")
                if not scalar(connection, f"select pg_has_role(%s, '{_membership(connection)}')", [ROLE]):
                    connection.execute(f"grant {ROLE} to current_user")
                _grant(connection)
        except _AT_THE_SAME_TIME:
            # Roles and grants are rows that another process, or another database of the server, changed just now.
            problem = f"the role {ROLE} is being changed by others"
        except psycopg.errors.InsufficientPrivilege as error:
            return error.diag.message_primary or f"this user may not make the role {ROLE}"
        else:
            return None
    return problem


def _grant(connection: Connection) -> None:
    connection.execute(f"revoke all on all tables in schema activation from {ROLE}")
    connection.execute(f"grant usage on schema activation to {ROLE}")
    for grant in (*(Grant(table.name, "select") for table in PUBLISHED_TABLES), *OWN_TABLES):
        if scalar(connection, "select to_regclass(%s)", [f"activation.{grant.table}"]) is not None:
            connection.execute(f"grant {grant.privileges} on activation.{grant.table} to {ROLE}")


def _usable(connection: Connection) -> bool:
    try:
        with connection.transaction():
            connection.execute(f"set local role {ROLE}")
            return bool(scalar(connection, "select has_table_privilege('activation.audit', 'insert')"))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue):
        return False


def _membership(connection: Connection) -> str:
    """What tells that `set role` will work: from PostgreSQL 16 on, the maker of a role administers it without that."""
    return "SET" if connection.info.server_version >= 160_000 else "MEMBER"
