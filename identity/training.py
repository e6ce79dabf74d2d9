"""The model, estimated without labels by expectation maximisation over counts of agreement patterns.

Sources: Fellegi and Sunter (1969); Winkler (1988) for EM; Enamorado, Fifield and Imai (2019, fastLink) for EM over the
counts of agreement patterns; Splink for training per blocking rule with the blocked comparisons left out. More classes
of pairs than matched and unmatched (a household's) follow the mixture models of Larsen and Rubin (2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np

from identity.blocking import CountedRule
from identity.chance import FEWEST_PAIRS, Chance, arrow_rows, derive_chances
from identity.comparisons import Comparison
from identity.model import RIVALS, Floats, Ints, Model

_ROUNDS: Final = 60
_PASSES: Final = 5
_PSEUDO_COUNT: Final = 3.0
_FEWEST_MATCHES: Final = 30.0
_NEVER: Final = 1e-12


@dataclass(frozen=True)
class Patterns:
    """Distinct comparison vectors (`gammas`: pattern by comparison), the pairs that show each, and their rules."""

    gammas: Ints
    counts: Floats
    rules: Ints


@dataclass(frozen=True)
class _Levels:
    """Level probabilities per kind of pair and comparison: one person, each rival, strangers."""

    m: list[Floats]
    rivals: list[list[Floats]]
    u: list[Floats]

    @property
    def kinds(self) -> list[list[Floats]]:
        return [self.m, *self.rivals, self.u]


def read_patterns(connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...], table: str) -> Patterns:
    """Count the agreement patterns of a table of vectors that has a column `rules`."""
    names = ", ".join(f"gamma_{comparison.name}" for comparison in comparisons)
    rows = arrow_rows(
        connection,
        f"select {names}, rules, count(*) as pairs from {table} group by {names}, rules order by {names}, rules",
    )
    gammas = np.column_stack([rows[name].to_numpy().astype(np.int64) for name in rows.column_names[:-2]])
    return Patterns(gammas, rows["pairs"].to_numpy().astype(np.float64), rows["rules"].to_numpy().astype(np.int64))


def train(
    patterns: Patterns,
    chance: tuple[Chance, ...],
    comparisons: tuple[Comparison, ...],
    rules: list[CountedRule],
    pairs: float,
) -> Model:
    """Estimate the model from the patterns of blocked pairs and the levels of random pairs.

    One EM per blocking rule over that rule's pairs, with the comparisons that the rule settles left out; what a
    comparison learns is pooled over the rules that could see it, by the matches that they saw. Random pairs hold a few
    matches: in small data with many duplicates they would drown the true u, so u is cleaned of the matches found, and
    all is estimated again.

    Args:
        patterns: agreement patterns of the blocked pairs.
        chance: what random pairs show, per comparison.
        comparisons: in the order of the columns of `patterns.gammas`.
        rules: bit i of `patterns.rules` is rule i.
        pairs: number of all possible pairs of records.
    """
    u = derive_chances(comparisons, [_without_counted(random, pairs) for random in chance])
    start = [_start(comparison.level_count) for comparison in comparisons]
    begin = [
        [u[place] if c.name in rival.as_strangers else start[place] for place, c in enumerate(comparisons)]
        for rival in RIVALS
    ]
    levels = _bound(comparisons, _Levels(start, begin, u))
    shares = [0.1 / max(pairs, 2.0) ** 0.5] * (1 + len(RIVALS))
    for _ in range(_PASSES):
        levels = _learn(patterns, comparisons, rules, levels)
        shares, classes = _shares(patterns, comparisons, levels, pairs, shares)
        u = [_clean(random, levels, classes, patterns, place, pairs) for place, random in enumerate(chance)]
        u = derive_chances(comparisons, u)
        levels = _bound(comparisons, _Levels(levels.m, levels.rivals, u))
    return Model(
        comparisons,
        tuple(levels.m),
        tuple(levels.u),
        tuple(tuple(rival) for rival in levels.rivals),
        shares[0],
        tuple(shares[1:]),
    )


def _start(levels: int) -> Floats:
    """Where EM starts, and what rare levels are drawn to: most matches agree best, a few not at all."""
    start = 0.5 ** np.arange(levels, 0, -1)
    start[0] = 0.05
    start[-1] = 0.7
    return np.asarray(start / start.sum())


def _without_counted(random: Chance, pairs: float) -> Floats:
    """The levels of random pairs, with those that can be counted taken for one person's until they are."""
    levels = np.maximum(random.levels, 1e-9)
    levels[list(random.counted)] = 0.5 / max(random.comparable * pairs, FEWEST_PAIRS)
    return np.asarray(levels / levels.sum())


def _bound(comparisons: tuple[Comparison, ...], levels: _Levels) -> _Levels:
    """The same levels, with each rival held to what is known of it."""
    rivals = [
        [rival.levels(comparison, learnt[place], levels.u[place]) for place, comparison in enumerate(comparisons)]
        for rival, learnt in zip(RIVALS, levels.rivals, strict=True)
    ]
    return _Levels(levels.m, rivals, levels.u)


def _clean(
    random: Chance, levels: _Levels, classes: list[Floats], patterns: Patterns, place: int, pairs: float
) -> Floats:
    """u from the mixture that random pairs are, by taking out what one person's and the rivals' pairs contribute.

    The strangers among the pairs of a level that blocking finds entirely are counted.
    """
    gamma = patterns.gammas[:, place]
    compared = max(random.comparable * pairs, FEWEST_PAIRS)
    parts = [min(float((patterns.counts * part)[gamma >= 0].sum()) / compared, 0.3) for part in classes[:-1]]
    mixed_in = sum((part * kind[place] for part, kind in zip(parts, levels.kinds[:-1], strict=True)), np.zeros(1))
    # A level that chance has not shown in the pairs looked at may still come up once in a few times as many.
    floor = np.maximum(random.levels * 0.01, 0.3 / random.seen)
    clean = np.maximum((random.levels - mixed_in) / (1.0 - sum(parts)), floor)
    strangers = patterns.counts * classes[-1]
    for level in random.counted:
        clean[level] = max(float(strangers[gamma == level].sum()), 0.5) / compared
    return np.asarray(clean / clean.sum())


def _log_likelihood(
    gammas: Ints, probabilities: list[Floats], used: list[int], comparisons: tuple[Comparison, ...]
) -> Floats:
    total = np.zeros(len(gammas))
    for place in used:
        level = gammas[:, place]
        telling = level >= (1 if comparisons[place].one_sided else 0)
        total += np.where(telling, np.log(probabilities[place])[np.maximum(level, 0)], 0.0)
    return total


def _responsibilities(likelihoods: list[Floats], shares: list[float]) -> list[Floats]:
    """How likely each pattern is of each class."""
    weighted = [likelihood + np.log(share) for likelihood, share in zip(likelihoods, shares, strict=True)]
    top = np.max(weighted, axis=0)
    scaled = [np.exp(part - top) for part in weighted]
    total = np.sum(scaled, axis=0)
    return [part / total for part in scaled]


def _shares(
    patterns: Patterns, comparisons: tuple[Comparison, ...], levels: _Levels, pairs: float, shares: list[float]
) -> tuple[list[float], list[Floats]]:
    """The shares of one person's and the rivals' pairs among all pairs, and how likely each pattern is of each kind."""
    every = list(range(len(levels.m)))
    likelihoods = [_log_likelihood(patterns.gammas, kind, every, comparisons) for kind in levels.kinds]
    classes: list[Floats] = []
    for _ in range(30):
        classes = _responsibilities(likelihoods, [*shares, 1.0 - sum(shares)])
        shares = [float(np.clip((patterns.counts * part).sum() / pairs, 1e-3 / pairs, 0.3)) for part in classes[:-1]]
    return shares, classes


def _learn(
    patterns: Patterns, comparisons: tuple[Comparison, ...], rules: list[CountedRule], levels: _Levels
) -> _Levels:
    totals = [[np.zeros(comparison.level_count) for comparison in comparisons] for _ in levels.kinds[:-1]]
    for bit, counted in enumerate(rules):
        used = [place for place, c in enumerate(comparisons) if c.name not in counted.rule.comparisons]
        found = (patterns.rules >> bit) & 1 == 1
        if len(used) < 2 or not found.any():
            continue
        kept = Patterns(patterns.gammas[found], patterns.counts[found], patterns.rules[found])
        for place, seen in _expectation_maximisation(kept, comparisons, used, levels).items():
            for kind, counts in enumerate(seen):
                totals[kind][place] += counts
    m, *rivals = [_pooled(total, before) for total, before in zip(totals, levels.kinds, strict=False)]
    return _bound(comparisons, _Levels(m, rivals, levels.u))


def _pooled(totals: list[Floats], before: list[Floats]) -> list[Floats]:
    return [
        _smooth(total) if total.sum() >= _FEWEST_MATCHES else old for total, old in zip(totals, before, strict=True)
    ]


def _smooth(counts: Floats) -> Floats:
    smoothed = counts + _PSEUDO_COUNT * _start(len(counts))
    return np.asarray(smoothed / smoothed.sum())


def _expectation_maximisation(
    patterns: Patterns, comparisons: tuple[Comparison, ...], used: list[int], levels: _Levels
) -> dict[int, list[Floats]]:
    """Expected level counts of one person's and each rival's pairs among one rule's; empty when matches are too few."""
    names = {comparisons[place].name for place in used}
    possible = [0.1 if rival.told_apart_by & names else _NEVER for rival in RIVALS]
    shares = [0.4, *possible, 0.5]
    strangers = _log_likelihood(patterns.gammas, levels.u, used, comparisons)
    seen: dict[int, list[Floats]] = {}
    expected = patterns.counts
    for _ in range(_ROUNDS):
        known = [_log_likelihood(patterns.gammas, kind, used, comparisons) for kind in levels.kinds[:-1]]
        classes = [patterns.counts * part for part in _responsibilities([*known, strangers], shares)]
        expected, before = classes[0], shares[0]
        shares = [max(float(part.sum() / patterns.counts.sum()), _NEVER) for part in classes]
        seen = {
            place: [
                _level_counts(patterns.gammas, place, comparisons[place].level_count, part) for part in classes[:-1]
            ]
            for place in used
        }
        m, *rivals = [
            [_smooth(seen[place][kind]) if place in seen else old for place, old in enumerate(before_kind)]
            for kind, before_kind in enumerate(levels.kinds[:-1])
        ]
        levels = _bound(comparisons, _Levels(m, rivals, levels.u))
        if abs(shares[0] - before) < 1e-6:
            break
    return seen if expected.sum() >= _FEWEST_MATCHES else {}


def _level_counts(gammas: Ints, place: int, levels: int, weights: Floats) -> Floats:
    level = gammas[:, place]
    kept = level >= 0
    return np.bincount(level[kept], weights=weights[kept], minlength=levels).astype(np.float64)
