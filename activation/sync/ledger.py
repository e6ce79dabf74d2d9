"""What a sync remembers of each row: what the destination acknowledged, what is in doubt, what it rejected.

Every function is one transaction of its own, so that what a vendor has acknowledged is on disk before the next batch.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from activation.database import Connection
from activation.sync.destination import Fate, Identity, Outcome
from activation.sync.rows import Before, Row
from activation.sync.shared import digests

NOT_APPLIED: Final = "accepted, and not applied"
"""How the reason begins when a vendor took a row and does not hold it: what it holds stays in doubt."""


def settle_without_sending(connection: Connection, destination: str) -> None:
    """Write down what the open plan knows without asking the destination.

    What makes the payload that is held gets its new fingerprint. Who left the model of an upsert or append is marked,
    and what is in doubt of them is no longer asked for. Dead letters that nobody wants any more go.
    """
    with connection.transaction():
        connection.execute(
            "update activation.deliveries as d set fingerprint = planned.fingerprint, "
            "customer_id = planned.customer_id from pg_temp.sync_plan as planned "
            "where planned.state = 'same' and d.destination = %s and d.key = planned.key",
            [destination],
        )
        connection.execute(
            "update activation.deliveries as d set departed = true, in_doubt = false, attempted_hash = null, "
            "idempotency_key = null, payload_hash = case when d.in_doubt then null else d.payload_hash end "
            "from pg_temp.sync_plan as planned "
            "where planned.state = 'stays' and d.destination = %s and d.key = planned.key",
            [destination],
        )
        connection.execute(
            "delete from activation.dead_letters as letter where destination = %s and not exists ("
            "select from pg_temp.sync_plan as planned where planned.key = letter.key "
            "and planned.state in ('added', 'changed', 'removed'))",
            [destination],
        )


def mark_in_doubt(connection: Connection, destination: str, batch: Sequence[Row]) -> list[Row]:
    """Note, before sending, what the destination may be about to hold of these rows.

    Returns:
        The rows with the idempotency key of their change: that of its first attempt when this is another one.
    """
    rows = [
        {
            "key": row.key,
            "customer_id": row.customer_id,
            "hash": row.delivery.payload_hash,
            "held": [dict(row.delivery.identity)] if row.delivery.identity else [],
            "claims": digests(row.delivery.identity),
        }
        for row in batch
    ]
    with connection.transaction():
        before = {
            key: Before(held, claims)
            for key, held, claims in connection.execute(
                "select key, held, claims from activation.deliveries where destination = %s and key = any(%s::text[])",
                [destination, [row.key for row in batch]],
            )
        }
        keys: dict[str, str] = dict(connection.execute(_MARK, [destination, _json(rows)]).fetchall())
    return [
        replace(row, before=before.get(row.key), delivery=replace(row.delivery, idempotency_key=keys[row.key]))
        for row in batch
    ]


_MARK: Final = """
    insert into activation.deliveries as d (
        destination, key, customer_id, in_doubt, attempted_at, attempted_hash, idempotency_key, held, claims
    )
    select
        %s, row.key, row.customer_id, true, now(), row.hash, gen_random_uuid(), row.held, row.claims
    from jsonb_to_recordset(%s::jsonb) as row (key text, customer_id text, hash text, held jsonb, claims text[])
    on conflict (destination, key) do update set
        customer_id = coalesce(excluded.customer_id, d.customer_id),
        in_doubt = true,
        attempted_at = now(),
        attempted_hash = excluded.attempted_hash,
        idempotency_key = case
            when d.in_doubt and d.attempted_hash = excluded.attempted_hash
                then coalesce(d.idempotency_key, excluded.idempotency_key)
            else excluded.idempotency_key
        end,
        held = case when d.held @> excluded.held then d.held else d.held || excluded.held end,
        claims = case
            when d.claims @> excluded.claims then d.claims
            else array(select distinct unnest(d.claims || excluded.claims))
        end
    returning key, idempotency_key::text
"""


def record(
    connection: Connection,
    destination: str,
    sync_id: int,
    batch: Sequence[Row],
    outcomes: Mapping[str, Outcome],
) -> dict[Fate, int]:
    """Write down the fate of each row of a batch; a row without an outcome stays in doubt.

    Returns:
        The number of rows per fate.
    """
    settled = [(row, outcomes.get(row.key, Outcome(row.key, Fate.UNKNOWN))) for row in batch]
    by_fate: dict[Fate, list[tuple[Row, Outcome]]] = {fate: [] for fate in Fate}
    for row, outcome in settled:
        by_fate[outcome.fate].append((row, outcome))
    acknowledged = by_fate[Fate.ACKNOWLEDGED]
    with connection.transaction():
        _hand_on(connection, destination, [row for row, _ in acknowledged])
        _acknowledge(connection, destination, acknowledged)
        _reject(connection, destination, by_fate[Fate.REJECTED])
        connection.execute(_FATES, [sync_id, _json([_fate(row, outcome) for row, outcome in settled])])
    return {fate: len(rows) for fate, rows in by_fate.items()}


def _hand_on(connection: Connection, destination: str, rows: Collection[Row]) -> None:
    """What a row gave up for another's sake is from now on the other's to take back."""
    handed: dict[str, list[Identity]] = {}
    for row in rows:
        for heir, identity in row.heirs:
            of_heir = handed.setdefault(heir, [])
            of_heir += [] if identity in of_heir else [identity]
    if handed:
        entries = [
            {"key": heir, "held": held, "claims": sorted({one for identity in held for one in digests(identity)})}
            for heir, held in handed.items()
        ]
        connection.execute(_HAND_ON, [destination, _json(entries)])


_HAND_ON: Final = """
    insert into activation.deliveries as d (destination, key, customer_id, held, claims)
    select %s, row.key, planned.customer_id, row.held, row.claims
    from jsonb_to_recordset(%s::jsonb) as row (key text, held jsonb, claims text[])
    left join pg_temp.sync_plan as planned on planned.key = row.key
    on conflict (destination, key) do update set
        held = case when d.held @> excluded.held then d.held else d.held || excluded.held end,
        claims = array(select distinct unnest(d.claims || excluded.claims))
"""


def _acknowledge(connection: Connection, destination: str, settled: Collection[tuple[Row, Outcome]]) -> None:
    kept = [
        {
            "key": row.key,
            "customer_id": row.customer_id,
            "hash": row.delivery.payload_hash,
            "fingerprint": row.fingerprint,
            "held": [dict(row.delivery.identity)] if row.delivery.identity else [],
            "claims": digests(row.delivery.identity),
            "remote_id": outcome.remote_id,
        }
        for row, outcome in settled
        if not row.is_removal
    ]
    if kept:
        connection.execute(_ACKNOWLEDGED, [_json(kept), destination])
    gone = [row.key for row, _ in settled if row.is_removal]
    if gone:
        connection.execute(
            "delete from activation.deliveries where destination = %s and key = any(%s::text[])", [destination, gone]
        )
    connection.execute(
        "delete from activation.dead_letters where destination = %s and key = any(%s::text[])",
        [destination, [row.key for row, _ in settled if not row.keeps_letter]],
    )


# With the vendor's own id, an address is no longer needed to take the row back.
_ACKNOWLEDGED: Final = """
    update activation.deliveries as d set
        customer_id = coalesce(row.customer_id, d.customer_id),
        payload_hash = row.hash,
        fingerprint = row.fingerprint,
        in_doubt = false,
        attempted_hash = null,
        idempotency_key = null,
        remote_id = coalesce(row.remote_id, d.remote_id),
        held = case when coalesce(row.remote_id, d.remote_id) is null then row.held else '[]' end,
        claims = row.claims,
        departed = false,
        acknowledged_at = now()
    from jsonb_to_recordset(%s::jsonb) as row (
        key text, customer_id text, hash text, fingerprint uuid, held jsonb, claims text[], remote_id text
    )
    where d.destination = %s and d.key = row.key
"""


def _reject(connection: Connection, destination: str, settled: Collection[tuple[Row, Outcome]]) -> None:
    """A rejected row was not applied: the destination holds what it held before; if that was in doubt, it still is."""
    if not settled:
        return
    certain = [
        row for row, outcome in settled if not row.in_doubt and not (outcome.reason or "").startswith(NOT_APPLIED)
    ]
    connection.execute(
        "delete from activation.deliveries where destination = %s and key = any(%s::text[])",
        [destination, [row.key for row in certain if row.before is None]],
    )
    restored = [
        {"key": row.key, "held": row.before.held, "claims": row.before.claims}
        for row in certain
        if row.before is not None
    ]
    connection.execute(_AS_BEFORE, [_json(restored), destination])
    letters = [
        {
            "key": row.key,
            "customer_id": None if row.delivery.erased else row.customer_id,
            "hash": row.delivery.payload_hash,
            "change": row.delivery.change,
            "reason": outcome.reason or "no reason given",
        }
        for row, outcome in settled
    ]
    connection.execute(_LETTERS, [destination, _json(letters)])


_AS_BEFORE: Final = """
    update activation.deliveries as d set
        in_doubt = false, attempted_hash = null, idempotency_key = null, held = row.held, claims = row.claims
    from jsonb_to_recordset(%s::jsonb) as row (key text, held jsonb, claims text[])
    where d.destination = %s and d.key = row.key
"""

_LETTERS: Final = """
    insert into activation.dead_letters as letter (destination, key, customer_id, payload_hash, change, reason)
    select %s, row.key, row.customer_id, row.hash, row.change, row.reason
    from jsonb_to_recordset(%s::jsonb) as row (key text, customer_id text, hash text, change text, reason text)
    on conflict (destination, key) do update set
        customer_id = excluded.customer_id,
        payload_hash = excluded.payload_hash,
        change = excluded.change,
        reason = excluded.reason,
        attempts = letter.attempts + 1,
        last_rejected_at = now(),
        replay_requested = false
"""


def _fate(row: Row, outcome: Outcome) -> dict[str, Any]:
    told = {"change": row.delivery.change, "fate": outcome.fate, "reason": outcome.reason}
    return told if row.delivery.erased else told | {"key": row.key, "customer_id": row.customer_id}


_FATES: Final = """
    insert into activation.sync_rows (sync_id, key, customer_id, change, fate, reason)
    select %s, row.key, row.customer_id, row.change, row.fate, row.reason
    from jsonb_to_recordset(%s::jsonb) as row (key text, customer_id text, change text, fate text, reason text)
"""


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=list)
