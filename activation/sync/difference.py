"""What a destination should hold beside what it acknowledged, in one query; only what differs is kept."""

from __future__ import annotations

from typing import Final

from psycopg import sql

from activation.consent import Exclusion, GateRules, permitted
from activation.database import Connection, scalar
from activation.sync.block import Mode, SyncBlock
from activation.sync.desired import candidates, digest_of, payload, segments_asked_for
from activation.sync.permission import ERASED, LEFT, ours

REMOVAL_HASH: Final = "removed"
"""What stands for the payload of a row that is taken back."""


def compute(
    connection: Connection, block: SyncBlock, rules: GateRules | None, *, every: bool = False, anew: bool = False
) -> None:
    """Make the temporary table `sync_plan`: a row per key that differs or is left out; nothing else is written.

    Columns: position (in the order of sending; withdrawn rows first, then other removals, changes, additions),
    key, customer_id, state (below), reason (of a removal or of one left out), withdrawn (the person's own word),
    identity and fields (jsonb; null where nothing is sent), addresses (all that may be used), payload_hash,
    fingerprint, in_doubt, held, claims, remote_id, erased, waits (a dead letter says the same).

    States: added, changed, removed; `same`: looks new, and makes the payload that is held; `stays`: left the model of
    an upsert or append, which takes nothing back for that; `left_out`: not held, and the gate says no.

    With `every`, rows that are held as they should be are made as well, as `same`, to be read back. With `anew`, dead
    letters are another target's, and no row waits for them.

    To be called in a transaction of one snapshot.
    """
    segments_for = segments_asked_for(connection, block)
    spoken = {
        "permitted": permitted(block, rules),
        "candidates": candidates(block),
        "payload": payload(block, segments_for),
        "digest": sql.Literal(digest_of(block, segments_for)),
        "name": sql.Literal(block.name),
        "ours": sql.Literal(ours()),
        "not_published": sql.Literal(str(Exclusion.NOT_PUBLISHED)),
        "left_model": sql.Literal(LEFT),
        "erased": sql.Literal(ERASED),
        "mirror": sql.Literal(block.mode is Mode.MIRROR),
        "append": sql.Literal(block.mode is Mode.APPEND),
        "removal_hash": sql.Literal(REMOVAL_HASH),
        "every": sql.Literal(every),
        "anew": sql.Literal(anew),
    }
    # The planner cannot know how many rows pass the gate, and would look up each of a hundred thousand by itself.
    connection.execute("select set_config('enable_nestloop', (not %s)::text, true)", [_asks_of_many(connection, block)])
    connection.execute(sql.SQL(_DIFFERENCE).format(**spoken))
    connection.execute("set local enable_nestloop = on")
    connection.execute("analyze pg_temp.sync_moving")
    connection.execute(sql.SQL(_PLAN).format(**spoken))
    connection.execute("drop table pg_temp.sync_moving")
    connection.execute("create unique index on pg_temp.sync_plan (position)")
    connection.execute("create index on pg_temp.sync_plan (key)")
    connection.execute("analyze pg_temp.sync_plan")


def _asks_of_many(connection: Connection, block: SyncBlock) -> bool:
    """Whether the gate is asked of more than a twentieth of all customers, as the planner's figures have it."""
    if block.model == "customers":
        return True
    return bool(
        scalar(
            connection,
            "select (select count(*) from activation.deliveries where destination = %s) "
            "+ (select count(*) from activation.segment_members where segment = %s) "
            "> 0.05 * (select reltuples from pg_class where oid = 'activation.profiles'::regclass)",
            [block.name, block.segment],
        )
    )


_DIFFERENCE: Final = """
    create temporary table sync_moving as
    with gate as materialized (
        select customer_id, address, addresses, exclusion from ({permitted}) as answers
    ),
    judged as (
        select
            candidate.key,
            candidate.customer_id,
            gate.address,
            gate.addresses,
            case
                when profile.customer_id is null or gate.customer_id is null then {not_published} else gate.exclusion
            end as exclusion,
            md5(
                {digest} || profile.content_hash::text || candidate.customer_id || coalesce(gate.address, '')
                || chr(31) || coalesce(array_to_string(gate.addresses, chr(31)), '')
            )::uuid as fingerprint
        from ({candidates}) as candidate
        left join gate on gate.customer_id = candidate.customer_id
        left join activation.profiles as profile on profile.customer_id = candidate.customer_id
    ),
    compared as (
        select
            coalesce(judged.key, delivered.key) as key,
            coalesce(judged.customer_id, delivered.customer_id) as customer_id,
            judged.address,
            judged.addresses,
            judged.fingerprint,
            delivered.key is not null as is_known,
            delivered.payload_hash as held_hash,
            delivered.fingerprint as held_fingerprint,
            coalesce(delivered.in_doubt, false) as in_doubt,
            coalesce(delivered.departed, false) as departed,
            coalesce(delivered.erase_requested, false) as erased,
            coalesce(delivered.held, '[]') as held,
            coalesce(delivered.claims, '{{}}') as claims,
            delivered.remote_id,
            judged.key is not null and judged.exclusion is null and not coalesce(delivered.erase_requested, false)
                as is_wanted,
            case
                when delivered.erase_requested then {erased}
                when judged.exclusion is not null then judged.exclusion
                when judged.key is not null then null
                when former.customer_id is null then {not_published}
                else coalesce(former.exclusion, {left_model})
            end as reason
        from judged
        full join (select * from activation.deliveries where destination = {name}) as delivered
            on delivered.key = judged.key
        left join gate as former on former.customer_id = delivered.customer_id and judged.key is null
    )
    select
        *,
        case
            when is_wanted and (held_hash is null or departed) then 'added'
            when is_wanted then 'changed'
            when not is_known then 'left_out'
            when reason = {left_model} and not {mirror} then 'stays'
            else 'removed'
        end as state
    from compared
    where
        case
            when not is_wanted and is_known then
                {mirror} or reason <> {left_model} or in_doubt or ({append} and not departed)
            when not is_wanted then true
            when {every} then true
            when held_hash is null or departed or in_doubt then true
            else not {append} and held_fingerprint is distinct from fingerprint
        end
"""

# A payload is made only of a row whose fingerprint differs: reading and hashing a profile costs more than all the rest.
_PLAN: Final = """
    create temporary table sync_plan as
    with made as (
        select moving.*, case when is_wanted then {payload} end as payload
        from pg_temp.sync_moving as moving
        left join activation.profiles as profile on profile.customer_id = moving.customer_id and moving.is_wanted
        -- A fence: without it a payload is made twice, once to keep and once to hash.
        offset 0
    ),
    hashed as (
        select
            *,
            case
                when is_wanted then encode(sha256(convert_to(payload::text, 'UTF8')), 'hex')
                when state = 'removed' then {removal_hash}
            end as payload_hash
        from made
    )
    select
        row_number() over (
            order by
                case planned.state
                    when 'removed' then case when planned.withdrawn then 0 else 1 end
                    when 'changed' then 2
                    when 'added' then 3
                    else 4
                end,
                planned.key
        ) as position,
        planned.*,
        planned.state in ('added', 'changed') and letter.key is not null as waits
    from (
        select
            key,
            customer_id,
            case
                when state = 'changed' and not in_doubt and payload_hash = held_hash then 'same' else state
            end as state,
            reason,
            state = 'removed' and reason <> all({ours}::text[]) as withdrawn,
            payload -> 'identity' as identity,
            payload -> 'fields' as fields,
            addresses,
            payload_hash,
            fingerprint,
            in_doubt,
            held,
            claims,
            remote_id,
            erased
        from hashed
    ) as planned
    left join activation.dead_letters as letter
        on letter.destination = {name}
        and letter.key = planned.key
        and letter.payload_hash = planned.payload_hash
        and not letter.replay_requested
        and not {anew}
"""
