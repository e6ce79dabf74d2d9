"""The Fellegi-Sunter model, estimated without labels: u from random pairs, m by expectation maximisation.

Sources: Fellegi and Sunter (1969); Winkler (1988) for EM; Enamorado, Fifield and Imai (2019, fastLink) for EM over the
counts of agreement patterns; Splink for training per blocking rule with the blocked comparisons left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.blocking import CountedRule
from identity.comparisons import Comparison
from identity.vectors import VectorBuilder

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS: Final = 60
_RANDOM_PAIRS: Final = 600_000
_SMOOTHING: Final = 3.0
_MINIMUM_MATCHES: Final = 30.0


@dataclass(frozen=True)
class Model:
    """Probabilities per comparison, the level for everything else first: `m` among matches, `u` among the others."""

    comparisons: tuple[Comparison, ...]
    m: tuple[Floats, ...]
    u: tuple[Floats, ...]
    prior: float

    def weight(self, place: int) -> Floats:
        """Match weights (log2 of m over u) of the levels of one comparison."""
        return np.asarray(np.log2(self.m[place] / self.u[place]))

    @property
    def prior_weight(self) -> float:
        """The log2 odds that two random records are one person."""
        return float(np.log2(self.prior / (1.0 - self.prior)))


@dataclass(frozen=True)
class Patterns:
    """Distinct comparison vectors (`gammas`: pattern by comparison), the pairs that show each, and their rules."""

    gammas: Ints
    counts: Floats
    rules: Ints


def arrow_rows(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The rows of a query as Arrow."""
    return connection.sql(sql).to_arrow_table()


def read_patterns(connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...], table: str) -> Patterns:
    """Count the agreement patterns of a table of vectors that has a column `rules`."""
    names = ", ".join(f"gamma_{comparison.name}" for comparison in comparisons)
    rows = arrow_rows(
        connection,
        f"select {names}, rules, count(*) as pairs from {table} group by {names}, rules order by {names}, rules",
    )
    gammas = np.column_stack([rows[name].to_numpy().astype(np.int64) for name in rows.column_names[:-2]])
    return Patterns(gammas, rows["pairs"].to_numpy().astype(np.float64), rows["rules"].to_numpy().astype(np.int64))


def estimate_random(
    connection: duckdb.DuckDBPyConnection, builder: VectorBuilder, comparisons: tuple[Comparison, ...]
) -> tuple[Floats, ...]:
    """The share of each level among random pairs: every record with as many others as the budget allows.

    Records are put in an order that depends on their content alone and each meets its next neighbours in it.
    """
    rows = arrow_rows(connection, "select rid from features order by hash(record_id), rid")
    order = rows["rid"].to_numpy()
    partners = min(max(_RANDOM_PAIRS // max(len(order), 1), 4), 1000, max((len(order) - 1) // 2, 1))
    left = np.tile(order, partners)
    right = np.concatenate([np.roll(order, -step) for step in range(1, partners + 1)])
    connection.register("random_pairs", pa.table({"rid_l": np.minimum(left, right), "rid_r": np.maximum(left, right)}))
    builder.build("random_pairs", "random_vectors")
    shares = []
    for comparison in comparisons:
        level = f"gamma_{comparison.name}"
        rows = connection.execute(
            f"select {level}, count(*) from random_vectors where {level} >= 0 group by {level}"
        ).fetchall()
        counts = np.full(comparison.level_count, 0.5)
        for gamma, pairs in rows:
            counts[gamma] += pairs
        shares.append(counts / counts.sum())
    connection.execute("drop table random_vectors")
    connection.unregister("random_pairs")
    return tuple(shares)


def _start(levels: int) -> Floats:
    """Where EM starts: most matches agree best, a few not at all."""
    start = 0.5 ** np.arange(levels, 0, -1)
    start[0] = 0.05
    start[-1] = 0.7
    return np.asarray(start / start.sum())


def _log_likelihood(gammas: Ints, probabilities: list[Floats], used: list[int]) -> Floats:
    total = np.zeros(len(gammas))
    for place in used:
        level = gammas[:, place]
        total += np.where(level >= 0, np.log(probabilities[place])[np.maximum(level, 0)], 0.0)
    return total


def _level_counts(gammas: Ints, place: int, levels: int, weights: Floats) -> Floats:
    level = gammas[:, place]
    kept = level >= 0
    return np.bincount(level[kept], weights=weights[kept], minlength=levels).astype(np.float64)


def train(
    patterns: Patterns,
    random: tuple[Floats, ...],
    comparisons: tuple[Comparison, ...],
    rules: list[CountedRule],
    pairs: float,
) -> Model:
    """Estimate the model from the patterns of blocked pairs and the levels of random pairs.

    One EM per blocking rule over that rule's pairs, with the comparisons that the rule settles left out; the m of a
    comparison is the mean over the rules that could see it, weighted by the matches they saw. Random pairs hold a few
    matches: in small data with many duplicates they would drown the true u, so u is corrected by the matches found, and
    all is estimated again.

    Args:
        patterns: agreement patterns of the blocked pairs.
        random: shares of levels among random pairs.
        comparisons: in the order of the columns of `patterns.gammas`.
        rules: bit i of `patterns.rules` is rule i.
        pairs: number of all possible pairs of records.
    """
    u = [np.maximum(share, 1e-9) for share in random]
    prior = 1.0 / max(pairs, 2.0) ** 0.5
    m = [_start(comparison.level_count) for comparison in comparisons]
    for _ in range(4):
        m = _train_m(patterns, comparisons, rules, m, u)
        everything = list(range(len(comparisons)))
        evidence = _log_likelihood(patterns.gammas, m, everything) - _log_likelihood(patterns.gammas, u, everything)
        for _ in range(20):
            matched = 1.0 / (1.0 + np.exp(-np.clip(evidence + np.log(prior / (1 - prior)), -500, 500)))
            prior = float(np.clip((patterns.counts * matched).sum() / pairs, 0.5 / pairs, 0.5))
        u = [_without_matches(random[place], m[place], prior, pairs) for place in everything]
    return Model(comparisons, tuple(m), tuple(u), prior)


def _without_matches(share: Floats, m: Floats, prior: float, pairs: float) -> Floats:
    """u from the mixture that random pairs are: share = prior * m + (1 - prior) * u."""
    floor = np.maximum(share * 0.02, 0.1 / pairs)
    clean = np.maximum((share - prior * m) / (1.0 - prior), floor)
    return np.asarray(clean / clean.sum())


def _train_m(
    patterns: Patterns,
    comparisons: tuple[Comparison, ...],
    rules: list[CountedRule],
    start: list[Floats],
    u: list[Floats],
) -> list[Floats]:
    totals = [np.zeros(comparison.level_count) for comparison in comparisons]
    for bit, counted in enumerate(rules):
        used = [place for place, c in enumerate(comparisons) if c.name not in counted.rule.comparisons]
        found = (patterns.rules >> bit) & 1 == 1
        if len(used) < 2 or not found.any():
            continue
        gammas, counts = patterns.gammas[found], patterns.counts[found]
        seen = _expectation_maximisation(gammas, counts, comparisons, used, start, u)
        if seen is None:
            continue
        for place in used:
            totals[place] += seen[place]
    return [
        _smooth(total) if total.sum() >= _MINIMUM_MATCHES else first for total, first in zip(totals, start, strict=True)
    ]


def _smooth(counts: Floats) -> Floats:
    smoothed = counts + _SMOOTHING * _start(len(counts))
    return np.asarray(smoothed / smoothed.sum())


def _expectation_maximisation(
    gammas: Ints,
    counts: Floats,
    comparisons: tuple[Comparison, ...],
    used: list[int],
    start: list[Floats],
    u: list[Floats],
) -> dict[int, Floats] | None:
    """Expected level counts among the matches of one rule's pairs; null when it finds too few to learn from."""
    m = list(start)
    share = 0.5
    not_matched = _log_likelihood(gammas, u, used)
    seen: dict[int, Floats] = {}
    for _ in range(_ROUNDS):
        evidence = _log_likelihood(gammas, m, used) - not_matched + np.log(share / (1.0 - share))
        expected = counts / (1.0 + np.exp(-np.clip(evidence, -500, 500)))
        before = share
        share = float(np.clip(expected.sum() / counts.sum(), 1e-6, 1 - 1e-6))
        for place in used:
            seen[place] = _level_counts(gammas, place, comparisons[place].level_count, expected)
            m[place] = _smooth(seen[place])
        if abs(share - before) < 1e-6:
            break
    return seen if sum(expected) >= _MINIMUM_MATCHES else None
