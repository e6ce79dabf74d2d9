"""Every pair of records in exactly one stratum: the merged ones, those that evidence connects, and all others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import duckdb
import pyarrow as pa

Kind = Literal["merged", "rejected", "near_miss", "random", "judged_merged", "judged_apart"]
MERGED: Final = frozenset({"merged", "judged_merged"})
"""Kinds of strata whose pairs are of one customer."""

LEAST_CONNECTED: Final = 1 / 32
"""Mean match probability of the pairs between two customers from which evidence connects them."""
_THROUGH: Final = 0.25  # what both steps must have when two customers are connected through a third
_MERGED_STEPS: Final = (-4.0, 0.0, 4.0, 12.0)  # bits from the threshold
_CONNECTED_STEPS: Final = (0.125, 0.4, 0.8)


@dataclass(frozen=True)
class Stratum:
    """A part of the population of pairs.

    `pairs`: how many there are, counted, or estimated with the standard error `pairs_error` (0 when counted). `prior`:
    the share of them that are one person, as the model has it.
    """

    name: str
    kind: Kind
    pairs: float
    pairs_error: float
    prior: float


def build_frame(
    connection: duckdb.DuckDBPyConnection,
    customers: pa.Table,
    edges: pa.Table,
    near: pa.Table | None,
    near_share: float,
    judged: pa.Table,
    threshold: float,
) -> list[Stratum]:
    """Create `frame` (`record_id_a, record_id_b, stratum, match_weight, prior`) and count its strata.

    Two customers are connected by the match probabilities of the pairs between them: the sum over the pairs that were
    scored, divided by the number of all pairs between them. One good pair between two customers of a few records thus
    says more than between two of fifty. All pairs between them are in one stratum: they are one person or are not.

    Pairs that connect nothing are not in `frame`; they are the last stratum, `random`.

    Args:
        connection: of DuckDB, to build in.
        customers: `record_id, customer_id, link_strength`.
        edges: `record_id_a, record_id_b, match_weight`.
        near: the same for scored near misses; null when there are none.
        near_share: of the pairs of customers that near misses connect, how many `near` holds.
        judged: `record_id_a, record_id_b, verdict`: pairs that people had judged before this clustering was made.
        threshold: of the clustering, in bits.
    """
    scored = ["record_id_a", "record_id_b", "match_weight"]
    connection.register("assigned", customers.select(["record_id", "customer_id", "link_strength"]))
    connection.register("given_edges", edges.select(scored))
    connection.register("given_near", (near if near is not None else edges.slice(0, 0)).select(scored))
    connection.register("judged", judged.select(["record_id_a", "record_id_b", "verdict"]))
    connection.execute("create temp table answered as select * from judged where verdict in ('same', 'different')")
    connection.execute("""
        create temp table members as
        select record_id, customer_id, link_strength, dense_rank() over (order by customer_id)::int as cid,
            count(*) over (partition by customer_id)::double as size
        from assigned
    """)
    _link_customers(connection)
    connection.execute(f"""
        create temp table frame as
        with pairs as ({_merged(threshold)} union all {_connected()})
        select pairs.record_id_a, pairs.record_id_b,
            case when verdict is null then stratum
                when starts_with(stratum, 'merged') then 'judged before, merged'
                else 'judged before, apart' end as stratum,
            match_weight, prior
        from pairs left join answered using (record_id_a, record_id_b)
    """)
    connection.execute("""
        insert into frame
        select record_id_a, record_id_b, 'judged before, apart', null, 0.0
        from answered anti join frame using (record_id_a, record_id_b)
        where record_id_a in (select record_id from members) and record_id_b in (select record_id from members)
    """)
    return _count(connection, near_share)


def _merged(threshold: float) -> str:
    """Pairs of one customer, by the weight of the edge between them."""
    steps = [threshold + step for step in _MERGED_STEPS]
    bands = " ".join(
        f"when match_weight < {upper} then 'merged, {words}'"
        for upper, words in zip(
            steps,
            [
                f"below {steps[0]:g} bits",
                *(f"{low:g} to {high:g} bits" for low, high in pairwise(steps)),
            ],
            strict=True,
        )
    )
    return f"""
        select a.record_id as record_id_a, b.record_id as record_id_b,
            case when match_weight is null then 'merged, no edge' {bands}
                else 'merged, {steps[-1]:g} bits and more' end as stratum,
            match_weight, least(a.link_strength, b.link_strength) as prior
        from members as a join members as b on a.cid = b.cid and a.record_id < b.record_id
        left join given_edges as e on e.record_id_a = a.record_id and e.record_id_b = b.record_id
    """


def _link_customers(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `scored` and `links` (`ca < cb, kind, share`), the pairs of customers that evidence connects."""
    connection.execute("""
        create temp table scored as
        select record_id_a, record_id_b, match_weight, true as is_edge from given_edges
        union all select record_id_a, record_id_b, match_weight, false from given_near
    """)
    connection.execute(f"""
        create temp table between_customers as
        select least(a, b) as ca, greatest(a, b) as cb, bool_or(is_edge) as has_edge,
            least(sum(1 / (1 + pow(2, -match_weight))) / any_value(possible), 1.0) as share
        from (
            select one.cid as a, other.cid as b, one.size * other.size as possible, is_edge, match_weight
            from scored join members as one on one.record_id = record_id_a
            join members as other on other.record_id = record_id_b
        )
        group by least(a, b), greatest(a, b)
        having ca <> cb and (share >= {LEAST_CONNECTED} or has_edge)
    """)
    connection.execute(f"""
        create temp table links as
        with both_ways as (
            select ca as one, cb as other, share from between_customers where share >= {_THROUGH} and has_edge
            union all select cb, ca, share from between_customers where share >= {_THROUGH} and has_edge
        ),
        through_a_third as (
            select x.one as ca, y.one as cb, 'third' as kind, max(x.share * y.share) as share
            from both_ways as x join both_ways as y on x.other = y.other and x.one < y.one
            anti join between_customers as known on known.ca = x.one and known.cb = y.one
            group by x.one, y.one
        )
        select ca, cb, case when has_edge then 'rejected' else 'near miss' end as kind, share
        from between_customers where share >= {LEAST_CONNECTED}
        union all from through_a_third
    """)


def _connected() -> str:
    """Pairs of two customers that evidence connects, by how firmly."""
    first, second, third = _CONNECTED_STEPS
    return f"""
        select p.record_id_a, p.record_id_b,
            case kind when 'third' then 'near miss, through a third customer'
                else kind || case when share < {first} then ', hardly connected'
                    when share < {second} then ', weakly connected'
                    when share < {third} then ', connected' else ', firmly connected' end end as stratum,
            s.match_weight, share as prior
        from (
            select least(a.record_id, b.record_id) as record_id_a, greatest(a.record_id, b.record_id) as record_id_b,
                kind, share
            from links join members as a on a.cid = links.ca join members as b on b.cid = links.cb
        ) as p left join scored as s using (record_id_a, record_id_b)
    """


def _count(connection: duckdb.DuckDBPyConnection, near_share: float) -> list[Stratum]:
    """The strata with their sizes; of those that only a sample of near misses showed, with their standard errors."""
    rows = connection.execute(f"""
        with sizes as (
            select stratum, count(*) as pairs, avg(prior) as prior from frame group by stratum
        ),
        customer_pairs as (
            select stratum, sum(pairs * pairs) as squares from (
                select stratum, count(*)::double as pairs
                from frame join members as a on a.record_id = record_id_a join members as b on b.record_id = record_id_b
                where starts_with(stratum, 'near miss') group by stratum, least(a.cid, b.cid), greatest(a.cid, b.cid)
            ) group by stratum
        )
        select stratum, pairs, prior, coalesce(sqrt(squares * {1.0 - near_share}), 0.0)
        from sizes left join customer_pairs using (stratum) order by stratum
    """).fetchall()
    strata = []
    for name, pairs, prior, error in rows:
        kind = _kind(name)
        sampled = near_share if kind == "near_miss" and "third" not in name else 1.0
        strata.append(Stratum(name, kind, pairs / sampled, error / sampled if sampled < 1.0 else 0.0, prior))
    ((records,),) = connection.execute("select count(*)::bigint from members").fetchall()
    rest = records * (records - 1) // 2 - sum(stratum.pairs for stratum in strata)
    if rest >= 1:
        strata.append(Stratum("random", "random", rest, 0.0, 0.0))
    return strata


def _kind(name: str) -> Kind:
    kinds: dict[str, Kind] = {
        "merged": "merged",
        "rejected": "rejected",
        "near miss": "near_miss",
        "judged before, merged": "judged_merged",
        "judged before, apart": "judged_apart",
    }
    return kinds[name] if name in kinds else kinds[name.split(",")[0]]
