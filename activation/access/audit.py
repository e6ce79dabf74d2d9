"""The audit trail, `activation.audit`: append-only, ids and deeds, never what a person can be reached by."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from activation.database import Connection, scalar

INSERT: Final = """
    insert into activation.audit (occurred_at, key_id, action, customer_ids, detail, request_id)
    select
        coalesce(entry.occurred_at, now()), entry.key_id, entry.action, entry.customer_ids, entry.detail,
        entry.request_id
    from jsonb_to_recordset(%s::jsonb) as entry (
        occurred_at timestamptz, key_id text, action text, customer_ids text[], detail jsonb, request_id text
    )
"""
"""Appends the entries of one JSON array, each as `as_json` writes it."""

_BATCH: Final = 1000


@dataclass(frozen=True)
class Entry:
    """One deed: `action` on `customer_ids`. `detail` never holds a contact point, a name or what was asked in clear.

    `key_id` is null for what was done from the command line, where `detail.user` names the user of the machine.
    """

    action: str
    customer_ids: Sequence[str] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    key_id: str | None = None
    request_id: str | None = None
    occurred_at: datetime | None = None


def as_json(entry: Entry) -> bytes:
    """An entry as JSON for `INSERT`.

    Raises:
        ValueError: if it holds what Postgres cannot keep as JSON: a NUL character, or what is no JSON.
    """
    try:
        written = orjson.dumps(
            {
                "occurred_at": entry.occurred_at,
                "key_id": entry.key_id,
                "action": entry.action,
                "customer_ids": list(entry.customer_ids),
                "detail": dict(entry.detail),
                "request_id": entry.request_id,
            }
        )
    except TypeError as error:
        raise ValueError(f"the audit entry {entry.action} is no JSON: {error}") from None
    if b"\\u0000" in written:
        raise ValueError(f"the audit entry {entry.action} holds a NUL character")
    return written


def write(connection: Connection, *entries: Entry) -> None:
    """Append entries of the command line, in the caller's transaction: the deed and its entry are one."""
    user = {"user": _user()}
    written = [as_json(Entry(e.action, e.customer_ids, {**e.detail, **user}, None, e.request_id)) for e in entries]
    connection.execute(INSERT, [(b"[" + b",".join(written) + b"]").decode()])


def read(
    connection: Connection,
    *,
    customer_ids: Sequence[str] | None = None,
    key_id: str | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The entries asked for, the latest first: the columns of `activation.audit` but `audit_id`.

    Args:
        connection: psycopg; read in one transaction, a batch of rows at a time.
        customer_ids: entries that name one of these; see `ids_of`.
        key_id: entries of this key.
        since: entries from this moment on.
        limit: at most so many.
    """
    with connection.transaction(), connection.cursor(name="braid_audit") as cursor:
        cursor.itersize = _BATCH
        cursor.execute(
            """
            select occurred_at, key_id, action, customer_ids, detail, request_id
            from activation.audit
            where (%(customers)s::text[] is null or customer_ids && %(customers)s::text[])
            and (%(key)s::text is null or key_id = %(key)s::text)
            and (%(since)s::timestamptz is null or occurred_at >= %(since)s::timestamptz)
            order by audit_id desc
            limit %(limit)s
            """,
            {
                "customers": None if customer_ids is None else list(customer_ids),
                "key": key_id,
                "since": since,
                "limit": limit,
            },
        )
        names = [column.name for column in cursor.description or ()]
        for row in cursor:
            yield dict(zip(names, row, strict=True))


def ids_of(connection: Connection, customer_id: str) -> list[str]:
    """Every id that the customer behind one has or had, as last published: entries from before a merge name the old."""
    with connection.transaction():
        rows = connection.execute(
            """
            with current as (
                select coalesce(min(successor), %(id)s) as customer_id
                from activation.customer_ids
                where customer_id = %(id)s and status = 'redirected'
            )
            select %(id)s
            union
            select customer_id from current
            union
            select former.customer_id
            from activation.customer_ids as former
            inner join current on current.customer_id = former.successor
            where former.status = 'redirected'
            """,
            {"id": customer_id},
        ).fetchall()
    return sorted(row[0] for row in rows)


def minimise(connection: Connection, customer_ids: Sequence[str], stand_in: str) -> int:
    """Replace the ids of erased customers by a stand-in, and forget what was asked for them, in the open transaction.

    Returns:
        The number of entries that named them.
    """
    return int(scalar(connection, "select activation.minimise_audit(%s, %s)", [list(customer_ids), stand_in]))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user database
        return "unknown"
