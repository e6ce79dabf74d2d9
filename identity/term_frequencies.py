"""How rare a value is, frozen with the model: agreeing on a rare name says more than agreeing on a common one.

Winkler (1989) and Splink adjust a level's weight by the frequency of the value. Here the frequency is that among other
people: the duplicates that a person may be expected to have are taken out of the count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.model import Floats, Model

# A rare value may add, and a common one take, this many bits to its level: frequencies are estimates.
LARGEST_ADJUSTMENT: Final = 5.0
# The most frequent values of a column that are remembered; any other weighs like the rarest of them.
_REMEMBERED: Final = 50_000


@dataclass(frozen=True)
class TermFrequencies:
    """Bits that the values of one feature column add to their level.

    `keys`: `md5_number_lower` of the values that are common enough to matter, ascending; `bits`: theirs; `rare`: those
    of any other value, also of one never seen.
    """

    column: str
    keys: NDArray[np.uint64]
    bits: Floats
    rare: float


def learn_frequencies(connection: duckdb.DuckDBPyConnection, model: Model) -> tuple[TermFrequencies, ...]:
    """Count the values of the table `features` for every level of the model that is adjusted by rarity."""
    (records,) = connection.execute("select count(*) from features").fetchall()[0]
    learnt = []
    for place, comparison in enumerate(model.comparisons):
        for position, level in enumerate(comparison.levels):
            if level.frequency is not None:
                gamma = comparison.level_count - 1 - position
                own = level.own_share if level.own_share is not None else model.m[place][gamma]
                learnt.append(_learn(connection, level.frequency, records, model.prior, own, model.u[place][gamma]))
    return tuple(learnt)


def _learn(
    connection: duckdb.DuckDBPyConnection, column: str, records: int, prior: float, m: float, u: float
) -> TermFrequencies:
    # The person's own other records share the value too, and are no coincidence.
    own = 1.0 + prior * records * m
    rare = min(float(np.log2(u * records / 0.5)), LARGEST_ADJUSTMENT)
    # Below this count a value weighs as much as any rare one.
    least = max(u * records / 2.0**rare, 0.5) + own
    counted = connection.sql(f"""
        select md5_number_lower({column}) as key, count(*)::double as carriers
        from features where {column} is not null
        group by {column} having count(*) > {least}
        order by carriers desc, key limit {_REMEMBERED}
    """).to_arrow_table()
    by_chance = np.maximum(counted["carriers"].to_numpy() - own, 0.5) / records
    bits = np.round(np.clip(np.log2(u / by_chance), -LARGEST_ADJUSTMENT, LARGEST_ADJUSTMENT), 3)
    order = np.argsort(counted["key"].to_numpy())
    if counted.num_rows == _REMEMBERED:
        rare = float(bits.max())
    return TermFrequencies(column, counted["key"].to_numpy()[order], bits[order], round(rare, 3))


def weigh_rarity(
    connection: duckdb.DuckDBPyConnection,
    frequencies: tuple[TermFrequencies, ...],
    *,
    features: str = "features",
    rarity: str = "rarity",
) -> None:
    """Create the table `rarity`: `rid` and `bits_<column>` of each record of `features`; 0 without a value."""
    columns, joins = ["f.rid"], []
    for place, frequency in enumerate(frequencies):
        connection.register(f"frequency_{place}", pa.table({"key": frequency.keys, "bits": frequency.bits}))
        columns.append(
            f"(case when f.{frequency.column} is null then 0 else coalesce(t{place}.bits, {frequency.rare}) end)"
            f"::float as bits_{frequency.column}"
        )
        joins.append(
            f"left join frequency_{place} as t{place} on t{place}.key = md5_number_lower(f.{frequency.column})"
        )
    connection.execute(f"""
        create or replace table {rarity} as
        select {", ".join(columns)} from {features} as f {" ".join(joins)} order by f.rid
    """)
    for place in range(len(frequencies)):
        connection.unregister(f"frequency_{place}")
