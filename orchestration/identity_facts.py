"""What the warehouse knows about records and live customers, for the bounds and the blast radius of a plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from identity.plan_facts import Facts
from orchestration.warehouse import Warehouse


def read_facts(warehouse: Warehouse, strong_ids: Iterable[str] = ()) -> Facts:
    """Consent as golden last knew it, kinds of record that a person has once, and where live customers are in use.

    Only what exists is read: before the first run nothing is known, and nothing that is not known breaks a bound.

    Args:
        warehouse: the whole warehouse, with what the last run built.
        strong_ids: kinds of record (`<source>:<entity>`) of which a person has one at most.
    """
    return Facts(records=_records(warehouse, sorted(strong_ids)), customers=_customers(warehouse))


def facts_digest(facts: Facts) -> str:
    """A digest of what bounds are judged by; segments and destinations only describe, and move with time."""
    if facts.records is None:
        return ""
    with duckdb.connect() as connection:
        connection.register("records", facts.records)
        found = connection.execute("select count(*), coalesce(sum(hash(r)::hugeint), 0)::text from records as r")
        return hashlib.sha256(repr(found.fetchall()).encode()).hexdigest()


def _records(warehouse: Warehouse, strong_ids: list[str]) -> pa.Table | None:
    """`record_id, source, is_strong_id, consent_<channel> …` of the records that have anything to say."""
    channels = _channels(warehouse)
    if not channels and not strong_ids:
        return None
    parts = []
    if channels:
        parts.append("select record_id, channel, state from golden.consent_statements")
    if strong_ids:
        parts.append(
            "select record_id, null as channel, null as state from identity.identity_records"
            " where source || ':' || entity = any($1)"
        )
    # The kind of record stands for its source: one shop's customers and its subscribers count apart.
    kind = "split_part(record_id, ':', 1) || ':' || split_part(record_id, ':', 2)"
    consents = "".join(
        f""",
            case
                when bool_or(channel = '{channel}' and state = 'denied') then 'denied'
                when bool_or(channel = '{channel}' and state = 'granted') then 'granted'
                when bool_or(channel = '{channel}') then 'unknown'
            end as "consent_{channel}" """
        for channel in channels
    )
    return warehouse.read(
        f"""
        select record_id, {kind} as source, {kind} = any($1) as is_strong_id{consents}
        from ({" union all ".join(parts)}) as known
        group by record_id
        order by record_id
        """,
        (strong_ids,),
    )


def _channels(warehouse: Warehouse) -> list[str]:
    """The channels that golden knows statements about; a name that is none could not be a column, and is left out."""
    if not warehouse.has_table("golden", "consent_statements"):
        return []
    found = warehouse.read(
        "select distinct channel from golden.consent_statements where channel ~ '^[a-z][a-z0-9_]*$' order by channel"
    )
    channels: list[str] = found["channel"].to_pylist()
    return channels


def _customers(warehouse: Warehouse) -> pa.Table | None:
    """`customer_id, segments, destinations`: where the customers of the last run are in use."""
    needed = ("segment_memberships", "segment_catalogue")
    if not all(warehouse.has_table("segments", table) for table in needed):
        return None
    return warehouse.read(
        """
        with used as (
            select m.customer_id, m.segment, d.destination
            from segments.segment_memberships as m
            inner join segments.segment_catalogue as c using (segment)
            left join lateral unnest(c.destinations) as d (destination) on true
        )
        select
            customer_id,
            array_agg(distinct segment order by segment) as segments,
            coalesce(
                array_agg(distinct destination order by destination) filter (where destination is not null),
                cast('{}' as text [])
            ) as destinations
        from used
        group by customer_id
        """
    )
