"""Pairs that blocking may never have compared: records of two customers that share a cheap key, sampled if too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from identity.columns import conform
from identity.contract import IDENTITY_RECORDS
from identity.feature_worker import build_features

_MAIL_NAME: Final = "left(regexp_replace(split_part({}, '@', 1), '[^a-z]', '', 'g'), 8)"
# Coarser than the blocking rules or other than they, the most telling first: when the budget runs out the last ones go.
CHEAP_KEYS: Final = {
    "email": "unnest(emails)",
    "phone": "unnest(phones)",
    "handle": "unnest(handles)",
    "email_name": f"unnest(list_distinct(list_transform(emails, lambda e: {_MAIL_NAME.format('e')})))",
    "both_names": "least(given, family) || '|' || greatest(given, family)",
    "family_name_and_birth_date": "family || birth_date",
    "given_name_and_birth_date": "given || birth_date",
    "birth_date_and_postcode": "birth_date || postcode",
    "consonants_of_names": "given_skeleton || '|' || family_skeleton",
    "names_begin_alike_and_year": "left(given, 3) || left(family, 3) || left(birth_date, 4)",
    "family_name_and_postcode": "family || postcode",
    "given_name_and_postcode": "given || postcode",
    "street_and_number": "street || house_number",
    "family_name_and_day": "left(family, 3) || right(birth_date, 4)",
    "given_name_and_day": "left(given, 3) || right(birth_date, 4)",
    "initials_and_month": "left(given, 1) || left(family, 1) || left(birth_date, 6)",
    "birth_date": "birth_date",
    "postcode": "postcode",
    "family_name_and_city": "family || city",
    "given_name_and_city": "given || city",
    "family_name": "family",
    "given_name": "given",
    "city": "city",
}
_LARGEST_BLOCK: Final = 200
_PAIRS_PER_RECORD: Final = 20
_FEWEST_PAIRS: Final = 200_000


@dataclass(frozen=True)
class NearMisses:
    """`pairs`: `record_id_a < record_id_b`, to be scored; `share`: the part of such pairs of customers in it."""

    pairs: pa.Table
    share: float


def find_near_misses(
    records: pa.Table,
    customers: pa.Table,
    edges: pa.Table,
    *,
    default_region: str,
    seed: int,
    most_pairs: int = 300_000,
) -> NearMisses:
    """Pairs of records of two customers that no edge joins and that share a cheap key.

    When there are more than about `most_pairs`, whole pairs of customers are left out by chance (Bernoulli sampling
    with a known share), so that what is left can be scored and their number estimated.

    Args:
        records: per `contract.IDENTITY_RECORDS`.
        customers: `record_id, customer_id`.
        edges: `record_id_a, record_id_b`, the scored pairs that were kept.
        default_region: region of phones without a country code.
        seed: another one, another choice.
        most_pairs: how many pairs may be scored.
    """
    features = build_features(conform(records, IDENTITY_RECORDS), default_region).table
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("standardised", features)
        connection.register("assigned", customers.select(["record_id", "customer_id"]))
        connection.register("scored", edges.select(["record_id_a", "record_id_b"]))
        connection.execute("""
            create temp table people as
            select standardised.*, dense_rank() over (order by customer_id)::int as cid
            from standardised join assigned using (record_id)
        """)
        connection.execute("""
            create temp table joined as
            select distinct least(a.cid, b.cid) as ca, greatest(a.cid, b.cid) as cb
            from scored join people as a on a.record_id = record_id_a join people as b on b.record_id = record_id_b
            where a.cid <> b.cid
        """)
        _share_keys(connection, features.num_rows)
        ((count,),) = connection.execute("select count(*) from near").fetchall()
        share = min(1.0, most_pairs / count) if count else 1.0
        limit = round(share * 1_000_000)
        pairs = connection.sql(f"""
            select least(a.record_id, b.record_id) as record_id_a, greatest(a.record_id, b.record_id) as record_id_b
            from near join people as a on a.rid = rid_l join people as b on b.rid = rid_r
            where hash(ca, cb, {int(seed)}) % 1000000 < {limit}
            order by all
        """).to_arrow_table()
    return NearMisses(pairs, limit / 1_000_000)


def _share_keys(connection: duckdb.DuckDBPyConnection, records: int) -> None:
    """Create `near` (`rid_l, rid_r, ca, cb`): pairs of records of two customers, `ca < cb`, that no edge joins."""
    budget = max(_PAIRS_PER_RECORD * records, _FEWEST_PAIRS)
    parts = ["select 0 as rid_l, 0 as rid_r, 0 as ca, 0 as cb where false"]
    for name, key in CHEAP_KEYS.items():
        connection.execute(f"""
            create temp table by_{name} as
            with keyed as (
                select hash(key) as key, rid, cid from (select {key} as key, rid, cid from people)
                where key is not null and key <> ''
            )
            select * from keyed
            where key in (select key from keyed group by key having count(*) between 2 and {_LARGEST_BLOCK})
        """)
        ((pairs,),) = connection.execute(f"""
            select coalesce(sum(size * (size - 1) // 2), 0)::bigint
            from (select count(*) as size from by_{name} group by key)
        """).fetchall()
        if pairs > budget:
            continue
        budget -= pairs
        parts.append(f"""
            select a.rid, b.rid, a.cid, b.cid from by_{name} as a join by_{name} as b on a.key = b.key and a.cid < b.cid
        """)
    connection.execute(f"""
        create temp table near as
        select distinct rid_l, rid_r, ca, cb from ({" union all ".join(parts)})
        anti join joined using (ca, cb)
    """)
