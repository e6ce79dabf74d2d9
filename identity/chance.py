"""How often records agree by chance: the levels that random pairs reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from identity.comparisons import Comparison
from identity.model import Floats, Ints
from identity.vectors import VectorBuilder


@dataclass(frozen=True)
class Chance:
    """One comparison among random pairs: share of each level among the `seen` pairs that it could compare.

    `comparable` is the share of all random pairs that those are; `counted` are the levels that blocking finds entirely.
    """

    levels: Floats
    comparable: float
    seen: float
    counted: tuple[int, ...]


@dataclass(frozen=True)
class Namesakes:
    """Pairs of records with the same given and family name: agreement patterns of a sample and how many pairs each
    stands for, next to the number of all pairs of records that have both names."""

    gammas: Ints
    pairs: Floats
    possible: float


@dataclass(frozen=True)
class Chances:
    """What is known of agreement by chance: per comparison, and of names that come together."""

    comparisons: tuple[Chance, ...]
    namesakes: Namesakes


FEWEST_PAIRS: Final = 2000.0
"""Pairs that chance is learnt from; a table too small to have as many borrows the rest from what is usual."""
_RANDOM_PAIRS: Final = 600_000
_NAMESAKES_EACH: Final = 3
_NAMESAKE_PAIRS: Final = 60_000
_SAME_INITIAL: Final = 0.08  # of two first letters of given names


def arrow_rows(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The rows of a query as Arrow."""
    return connection.sql(sql).to_arrow_table()


def estimate_chance(
    connection: duckdb.DuckDBPyConnection, builder: VectorBuilder, comparisons: tuple[Comparison, ...]
) -> Chances:
    """What random pairs and pairs of one name show."""
    return Chances(_random(connection, builder, comparisons), _namesakes(connection, builder, comparisons))


def _namesakes(
    connection: duckdb.DuckDBPyConnection, builder: VectorBuilder, comparisons: tuple[Comparison, ...]
) -> Namesakes:
    """Each record with a few others of its name, in an order that depends on their ids alone."""
    names = [f"gamma_{comparison.name}" for comparison in comparisons]
    ((records,),) = connection.execute(
        "select count(*) from features where given is not null and family is not null"
    ).fetchall()
    connection.execute(f"""
        create or replace temp table namesake_pairs as
        with carried as (
            select rid, record_id, given || '|' || family as name from features
            where given is not null and family is not null
        ),
        placed as (
            select rid, name, hash(record_id) as shuffled,
                row_number() over (partition by name order by hash(record_id), rid) as place,
                count(*) over (partition by name) as carriers
            from carried
        )
        select least(a.rid, b.rid) as rid_l, greatest(a.rid, b.rid) as rid_r,
            (a.carriers - 1) / (2.0 * least({_NAMESAKES_EACH}, (a.carriers - 1) / 2.0)) as stands_for
        from placed as a join placed as b on a.name = b.name
            and (b.place - a.place + a.carriers) % a.carriers between 1 and {_NAMESAKES_EACH}
            and (a.carriers > {2 * _NAMESAKES_EACH} or a.place < b.place)
        where a.carriers > 1
        order by hash(a.shuffled, b.shuffled), rid_l, rid_r
        limit {_NAMESAKE_PAIRS}
    """)
    builder.build("namesake_pairs", "namesake_vectors", keep="stands_for")
    rows = arrow_rows(
        connection,
        f"select {', '.join(names)}, sum(stands_for) as pairs from namesake_vectors group by all order by all",
    )
    ((every,),) = connection.execute("""
        select coalesce(sum(carriers * (carriers - 1) / 2), 0)::double from (
            select count(*) as carriers from features where given is not null and family is not null
            group by given, family
        )
    """).fetchall()
    connection.execute("drop table namesake_vectors")
    connection.execute("drop table namesake_pairs")
    gammas = np.column_stack([rows[name].to_numpy().astype(np.int64) for name in names])
    pairs = rows["pairs"].to_numpy().astype(np.float64)
    return Namesakes(gammas, pairs * (every / max(float(pairs.sum()), 1.0)), records * (records - 1) / 2)


def _random(
    connection: duckdb.DuckDBPyConnection, builder: VectorBuilder, comparisons: tuple[Comparison, ...]
) -> tuple[Chance, ...]:
    """What random pairs show: every record with as many others as the budget allows.

    Records are put in an order that depends on their ids alone and each meets its next neighbours in it.
    """
    order = arrow_rows(connection, "select rid from features order by hash(record_id), rid")["rid"].to_numpy()
    partners = min(max(_RANDOM_PAIRS // max(len(order), 1), 1), 1000, max((len(order) - 1) // 2, 1))
    left = np.tile(order, partners)[:_RANDOM_PAIRS]
    right = np.concatenate([np.roll(order, -step) for step in range(1, partners + 1)])[:_RANDOM_PAIRS]
    connection.register("random_pairs", pa.table({"rid_l": np.minimum(left, right), "rid_r": np.maximum(left, right)}))
    builder.build("random_pairs", "random_vectors")
    shares = []
    for comparison in comparisons:
        level = f"gamma_{comparison.name}"
        rows = connection.execute(
            f"select {level}, count(*) from random_vectors where {level} >= 0 group by {level}"
        ).fetchall()
        counts = np.zeros(comparison.level_count)
        for gamma, pairs in rows:
            counts[gamma] += pairs
        counted = tuple(
            comparison.level_count - 1 - place
            for place, found in enumerate(comparison.levels)
            if found.found_by_blocking
        )
        comparable = max(float(counts.sum()), 1.0) / max(len(left), 1)
        counts += max(FEWEST_PAIRS - counts.sum(), 1.0) * _usual_chance(comparison.level_count)
        shares.append(Chance(counts / counts.sum(), comparable, float(counts.sum()), counted))
    connection.execute("drop table random_vectors")
    connection.unregister("random_pairs")
    return tuple(shares)


def _usual_chance(levels: int) -> Floats:
    """Strangers rarely agree; the looser the level the less rarely."""
    chance = 0.002 * 1.5 ** np.arange(levels, 0, -1)
    chance[0] = 0.0
    chance[0] = 1.0 - chance.sum()
    return np.asarray(chance)


def derive_chances(comparisons: tuple[Comparison, ...], u: list[Floats]) -> list[Floats]:
    """The same u, with the levels that are coincidences of others set to the product of those.

    A stranger's user name spells one's name as rarely as strangers share both names; too few pairs of a user name and
    a name are seen at random to count that.
    """
    agree = {"initial": _SAME_INITIAL}
    for place, comparison in enumerate(comparisons):
        agree[comparison.name] = float(
            sum(u[place][-1 - i] for i, level in enumerate(comparison.levels) if level.frequency)
        )
    derived = []
    for place, comparison in enumerate(comparisons):
        levels = u[place].copy()
        for position, level in enumerate(comparison.levels):
            if level.chance_of and all(agree.get(name) for name in level.chance_of):
                levels[comparison.level_count - 1 - position] = np.prod([agree[name] for name in level.chance_of])
        derived.append(np.asarray(levels / levels.sum()))
    return derived
