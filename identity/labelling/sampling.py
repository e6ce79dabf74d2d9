"""Which pairs to ask people about: a stratified random sample of all pairs of records, in an order to ask them in.

Neyman (1934) allocation by the model's own probabilities, with a minimum per stratum. A pair's place in its stratum is
a permanent random number (Ohlsson 1995), a digest of the seed and the two ids: a larger sample holds the smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from identity.labelling.frame import Stratum, build_frame

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

STRATA: Final = pa.schema(
    [
        pa.field("stratum", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # one of frame.Kind
        pa.field("pairs", pa.float64(), nullable=False),  # how many there are
        pa.field("pairs_error", pa.float64(), nullable=False),  # standard error of `pairs`; 0 when counted
        pa.field("prior", pa.float64(), nullable=False),  # share that the model takes for one person
        pa.field("sampled", pa.int64(), nullable=False),  # pairs of it in the queue
        pa.field("known_same", pa.int64(), nullable=False),  # pairs that people had judged before
        pa.field("known_different", pa.int64(), nullable=False),
    ]
)
"""One row per stratum."""

QUEUE: Final = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),  # from 1
        pa.field("record_id_a", pa.string(), nullable=False),  # the smaller of the two ids
        pa.field("record_id_b", pa.string(), nullable=False),
        pa.field("stratum", pa.string(), nullable=False),
        pa.field("match_weight", pa.float64()),  # bits; null for a pair that was never scored
    ]
)
"""One row per pair to ask about, in the order to ask in."""

# However sure the model is of a stratum, this share of it may be otherwise.
_LEAST_DOUBT: Final = 0.02
_OVERDRAW: Final = 50


class SampleSettings(BaseModel):
    """Frozen; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: int = Field(200, ge=20, le=100_000, description="how many pairs to ask about")
    seed: int = Field(1, ge=0, lt=2**31, description="another seed, another sample")
    least_per_stratum: int = Field(3, ge=1, description="pairs asked about in every stratum")
    random_pairs: int = Field(5, ge=0, description="pairs of records that nothing connects, to see that they differ")


@dataclass(frozen=True)
class Sample:
    """`strata` per `STRATA`, `queue` per `QUEUE`."""

    strata: pa.Table
    queue: pa.Table


def draw_sample(
    customers: pa.Table,
    edges: pa.Table,
    *,
    threshold: float,
    settings: SampleSettings,
    near: pa.Table | None = None,
    near_share: float = 1.0,
    judged: pa.Table | None = None,
) -> Sample:
    """Draw pairs from every stratum of all pairs. The same input and seed give the same sample in any order of rows.

    Pairs that people had judged before this clustering was made are strata of their own, known entirely: the clustering
    obeys them, so they say nothing about the pairs that nobody judged. They are not asked about again.

    Args:
        customers: per `contract.RECORD_CUSTOMERS`.
        edges: `record_id_a, record_id_b, match_weight`.
        threshold: of the clustering, in bits.
        settings: how many, and the seed.
        near: scored near misses, `record_id_a, record_id_b, match_weight`.
        near_share: of all near misses' pairs of customers, the share that `near` holds.
        judged: `record_id_a, record_id_b, verdict`, one row per pair; `unsure` is not an answer.

    Raises:
        ValueError: if there are fewer than two records.
    """
    if customers.num_rows < 2:
        raise ValueError("there are no two records to compare: run identity first")
    if judged is None:
        judged = pa.table({name: pa.array([], pa.string()) for name in ("record_id_a", "record_id_b", "verdict")})
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        strata = build_frame(connection, customers, edges, near, near_share, judged, threshold)
        available = _available(connection, strata)
        sizes = allocate(strata, available, settings)
        drawn = _draw(connection, strata, sizes, settings.seed)
        known = connection.execute("""
            select stratum, count(*) filter (where verdict = 'same'), count(*) filter (where verdict <> 'same')
            from frame join answered using (record_id_a, record_id_b) group by stratum
        """).fetchall()
    return Sample(_strata_table(strata, drawn, {name: counts for name, *counts in known}), drawn)


def allocate(strata: list[Stratum], available: Counts, settings: SampleSettings) -> Counts:
    """How many pairs of each stratum to ask about: most where most is at stake and the model is least sure.

    The error of precision and of recall, in pairs, is the sum over strata of `pairs² · p(1 - p) / asked`; it is least
    when `asked` is proportional to `pairs · sqrt(p(1 - p))` (Neyman 1934). The model's p is held away from certainty.

    Args:
        strata: the population.
        available: how many pairs of each can be drawn.
        settings: the total and the minimum.
    """
    doubt = np.clip([stratum.prior for stratum in strata], _LEAST_DOUBT, 1.0 - _LEAST_DOUBT)
    wanted = np.array([stratum.pairs for stratum in strata]) * np.sqrt(doubt * (1.0 - doubt))
    is_random = np.array([stratum.kind == "random" for stratum in strata], dtype=np.bool_)
    is_known = np.array([stratum.kind.startswith("judged") for stratum in strata], dtype=np.bool_)
    least = np.where(is_random, settings.random_pairs, settings.least_per_stratum)
    least = np.where(is_known, 0, np.minimum(least, available))
    most = np.where(is_known, 0, np.where(is_random, least, available))
    wanted = np.where(is_known | is_random, 0.0, wanted)
    total = int(min(max(settings.labels, least.sum()), most.sum()))
    sizes = _water_fill(wanted, least.astype(np.float64), most.astype(np.float64), float(total))
    whole = np.floor(sizes).astype(np.int64)
    # The largest remainders get what rounding left.
    room = np.flatnonzero(whole < most)
    order = room[np.argsort(-(sizes - whole)[room], kind="stable")]
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def _water_fill(wanted: Floats, least: Floats, most: Floats, total: float) -> Floats:
    """`wanted` times the factor for which, held between `least` and `most`, it adds up to `total`."""
    low, high = 0.0, total / max(float(wanted[wanted > 0].min(initial=np.inf)), 1e-300) if wanted.any() else 0.0
    for _ in range(200):
        factor = (low + high) / 2.0
        if np.clip(wanted * factor, least, most).sum() < total:
            low = factor
        else:
            high = factor
    return np.asarray(np.clip(wanted * high, least, most))


def _available(connection: duckdb.DuckDBPyConnection, strata: list[Stratum]) -> Counts:
    counted = dict(connection.execute("select stratum, count(*) from frame group by stratum").fetchall())
    return np.array([counted.get(stratum.name, stratum.pairs) for stratum in strata], dtype=np.int64)


def _draw(connection: duckdb.DuckDBPyConnection, strata: list[Stratum], sizes: Counts, seed: int) -> pa.Table:
    """The first pairs of each stratum in the order of their random numbers, strata interleaved by their shares.

    Each beginning of the queue is thus a stratified sample of nearly the same shares, whenever people stop.
    """
    _draw_random(
        connection, [int(size) for stratum, size in zip(strata, sizes, strict=True) if stratum.kind == "random"], seed
    )
    connection.register("sizes", pa.table({"stratum": [stratum.name for stratum in strata], "asked": sizes}))
    number = f"md5('{int(seed)}|' || record_id_a || '|' || record_id_b)"
    return (
        connection.sql(f"""
            with numbered as (
                select record_id_a, record_id_b, stratum, match_weight, {number} as number
                from (from frame union all by name from random_draw) where stratum in (
                    select stratum from sizes where asked > 0
                )
            ),
            ranked as (
                select *, row_number() over (partition by stratum order by number, record_id_a, record_id_b) as place
                from numbered
            )
            select row_number() over (order by (place - 0.5) / asked, asked desc, stratum) as position,
                record_id_a, record_id_b, stratum, match_weight
            from ranked join sizes using (stratum) where place <= asked order by position
        """)
        .to_arrow_table()
        .cast(QUEUE)
    )


def _draw_random(connection: duckdb.DuckDBPyConnection, asked: list[int], seed: int) -> None:
    """Create `random_draw` (`record_id_a, record_id_b, stratum`): pairs of records outside the frame."""
    ids = connection.sql("select record_id, cid from members order by record_id").to_arrow_table()
    numbers = np.random.default_rng(seed).integers(0, ids.num_rows, size=(2, sum(asked) * _OVERDRAW))
    low, high = numbers.min(axis=0), numbers.max(axis=0)
    keep = low < high
    pairs = pa.table(
        {"record_id_a": ids["record_id"].take(low[keep]), "record_id_b": ids["record_id"].take(high[keep])}
    )
    connection.register("random_candidates", pairs)
    connection.execute("""
        create temp table random_draw as
        select distinct record_id_a, record_id_b, 'random' as stratum
        from random_candidates anti join frame using (record_id_a, record_id_b)
    """)


def _strata_table(strata: list[Stratum], drawn: pa.Table, known: dict[str, list[int]]) -> pa.Table:
    asked = {row["values"]: row["counts"] for row in drawn["stratum"].value_counts().to_pylist()}
    return pa.table(
        {
            "stratum": [stratum.name for stratum in strata],
            "kind": [stratum.kind for stratum in strata],
            "pairs": [float(stratum.pairs) for stratum in strata],
            "pairs_error": [float(stratum.pairs_error) for stratum in strata],
            "prior": [float(stratum.prior) for stratum in strata],
            "sampled": [asked.get(stratum.name, 0) for stratum in strata],
            "known_same": [known.get(stratum.name, [0, 0])[0] for stratum in strata],
            "known_different": [known.get(stratum.name, [0, 0])[1] for stratum in strata],
        },
        schema=STRATA,
    )
