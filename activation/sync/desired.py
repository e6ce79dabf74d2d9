"""What a block wants, as SQL: its candidates, and the payload of a row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

from psycopg import sql

from activation.database import Connection
from activation.sync.block import Channel, SyncBlock
from activation.sync.profile_paths import tools_asked_for, value_of

_PAYLOADS: Final = 1
"""The version of what a payload looks like; another one makes every payload anew."""


def candidates(block: SyncBlock) -> sql.Composed:
    """A query for all that the model names, permission not asked yet: columns key, customer_id."""
    model = _members(block)
    if block.record_kind is None:
        return sql.SQL("select member.customer_id as key, member.customer_id from ({}) as member").format(model)
    prefix = f"{block.record_kind}:"
    return sql.SQL("""
        select distinct on (identifier.match_key)
            substr(identifier.match_key, {start}) as key, identifier.customer_id
        from activation.profile_identifiers as identifier
        inner join ({model}) as member on member.customer_id = identifier.customer_id
        where identifier.kind = 'record_id'
        and starts_with(identifier.match_key, {prefix}) and length(identifier.match_key) >= {start}
        order by identifier.match_key, identifier.customer_id
    """).format(model=model, prefix=sql.Literal(prefix), start=sql.Literal(len(prefix) + 1))


def _members(block: SyncBlock) -> sql.Composed:
    if block.segment is not None:
        return sql.SQL("select customer_id from activation.segment_members where segment = {}").format(
            sql.Literal(block.segment)
        )
    condition = sql.SQL("false" if block.model == "nobody" else "true")
    return sql.SQL("select customer_id from activation.profiles where {}").format(condition)


def segments_asked_for(connection: Connection, block: SyncBlock) -> dict[str, Sequence[str]]:
    """Tool -> the published segments that name it, for the tools that the mapping asks for."""
    tools = tools_asked_for(block.mapping.values())
    rows = connection.execute(
        "select tool, array_agg(segment order by segment) from activation.segments, unnest(destinations) as tool "
        "where tool = any(%s::text[]) group by tool",
        [sorted(tools)],
    ).fetchall()
    found: dict[str, Sequence[str]] = dict.fromkeys(sorted(tools), ())
    return found | dict(rows)


def digest_of(block: SyncBlock, segments_for: Mapping[str, Sequence[str]]) -> str:
    """What a payload depends on besides the profile and the address: equal digests make equal payloads of equals."""
    made_of = [_PAYLOADS, dict(block.mapping), block.channel, block.key, dict(segments_for)]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True, default=list).encode()).hexdigest()


def payload(block: SyncBlock, segments_for: Mapping[str, Sequence[str]]) -> sql.Composed:
    """The payload of a row as an expression of type jsonb: `{"identity": …, "fields": …}`.

    Over `moving` (key, customer_id, address, addresses) and `profile` (document).
    """
    fields = [
        sql.SQL("{}, {}").format(sql.Literal(name), value_of(path, segments_for))
        for name, path in sorted(block.mapping.items())
    ]
    # A function takes at most a hundred arguments.
    built = [
        sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(fields[place : place + 40]))
        for place in range(0, len(fields), 40)
    ]
    return sql.SQL("jsonb_build_object('identity', {identity}, 'fields', {fields})").format(
        identity=_identity(block), fields=sql.SQL(" || ").join(built) if built else sql.SQL("'{}'::jsonb")
    )


def _identity(block: SyncBlock) -> sql.Composed:
    parts: list[sql.Composable] = [sql.SQL("'external_id', moving.customer_id")]
    if block.record_kind is not None:
        parts.append(sql.SQL("'record_id', moving.key"))
    if block.channel is Channel.ADVERTISING:
        for kind, holds in (("email", "like"), ("phone", "not like")):
            parts.append(
                sql.SQL(
                    "{}, (select jsonb_agg(address order by address) from unnest(moving.addresses) as address "
                    "where address {} '%@%')"
                ).format(sql.Literal(kind), sql.SQL(holds))
            )
    elif block.channel is not Channel.NONE:
        kind = "email" if block.channel is Channel.EMAIL else "phone"
        parts.append(sql.SQL("{}, moving.address").format(sql.Literal(kind)))
    return sql.SQL("jsonb_strip_nulls(jsonb_build_object({}))").format(sql.SQL(", ").join(parts))
