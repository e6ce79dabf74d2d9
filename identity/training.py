"""The model, estimated without labels by expectation maximisation over counts of agreement patterns.

Sources: Fellegi and Sunter (1969); Winkler (1988) for EM; Enamorado, Fifield and Imai (2019, fastLink) for EM over the
counts of agreement patterns; Splink for training per blocking rule with the blocked comparisons left out. More classes
of pairs than matched and unmatched (a household's) follow the mixture models of Larsen and Rubin (2001).
"""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np

from identity.blocking import CountedRule, rule_number
from identity.chance import FEWEST_PAIRS, Chance, Chances, arrow_rows, derive_chances
from identity.comparisons import Comparison
from identity.expectation import (
    FEWEST_MATCHES,
    Levels,
    Patterns,
    bound,
    expectation_maximisation,
    level_counts,
    log_likelihood,
    responsibilities,
    smooth,
    usual_agreement,
)
from identity.mention_odds import weigh_mentions
from identity.model import RIVALS, Floats, Model
from identity.namesakes import correct_for_namesakes
from identity.stated_odds import weigh_stated

_PASSES: Final = 5
_FEWEST_COMPARED: Final = 2


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
    chances: Chances,
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
        chances: what random pairs show, per comparison, and pairs of one name.
        comparisons: in the order of the columns of `patterns.gammas`.
        rules: bit i of `patterns.rules` is set by the rule of that number.
        pairs: number of all possible pairs of records.
    """
    chance = chances.comparisons
    u = derive_chances(comparisons, [_without_counted(random, pairs) for random in chance])
    start = [usual_agreement(comparison.level_count) for comparison in comparisons]
    begin = [
        [u[place] if c.name in rival.as_strangers else start[place] for place, c in enumerate(comparisons)]
        for rival in RIVALS
    ]
    levels = bound(comparisons, Levels(start, begin, u))
    shares = [0.1 / max(pairs, 2.0) ** 0.5] * (1 + len(RIVALS))
    classes: list[Floats] | None = None
    for _ in range(_PASSES):
        levels, unseen = _learn(patterns, comparisons, rules, levels)
        levels = correct_for_namesakes(comparisons, levels, chances.namesakes)
        levels = _weigh_words(patterns, comparisons, levels, shares, classes)
        shares, classes = _shares(patterns, comparisons, levels, pairs, shares)
        levels = _learn_from_all(patterns, comparisons, levels, unseen, classes)
        u = [_clean(random, levels, classes, patterns, place, pairs) for place, random in enumerate(chance)]
        u = derive_chances(comparisons, u)
        levels = correct_for_namesakes(
            comparisons, bound(comparisons, Levels(levels.m, levels.rivals, u)), chances.namesakes
        )
        levels = _weigh_words(patterns, comparisons, levels, shares, classes)
    return Model(
        comparisons,
        tuple(levels.m),
        tuple(levels.u),
        tuple(tuple(rival) for rival in levels.rivals),
        shares[0],
        tuple(shares[1:]),
    )


def _weigh_words(
    patterns: Patterns,
    comparisons: tuple[Comparison, ...],
    levels: Levels,
    shares: list[float],
    classes: list[Floats] | None,
) -> Levels:
    """What people wrote and what systems state, weighed by how often either is found true."""
    levels = weigh_mentions(patterns, comparisons, levels, shares, classes)
    return weigh_stated(patterns, comparisons, levels, shares, classes)


def _without_counted(random: Chance, pairs: float) -> Floats:
    """The levels of random pairs, with those that can be counted taken for one person's until they are."""
    levels = np.maximum(random.levels, 1e-9)
    levels[list(random.counted)] = 0.5 / max(random.comparable * pairs, FEWEST_PAIRS)
    return np.asarray(levels / levels.sum())


def _clean(
    random: Chance, levels: Levels, classes: list[Floats], patterns: Patterns, place: int, pairs: float
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


def _shares(
    patterns: Patterns, comparisons: tuple[Comparison, ...], levels: Levels, pairs: float, shares: list[float]
) -> tuple[list[float], list[Floats]]:
    """The shares of one person's and the rivals' pairs among all pairs, and how likely each pattern is of each kind."""
    every = list(range(len(levels.m)))
    likelihoods = [log_likelihood(patterns.gammas, kind, every, comparisons) for kind in levels.kinds]
    classes: list[Floats] = []
    for _ in range(30):
        classes = responsibilities(likelihoods, [*shares, 1.0 - sum(shares)])
        shares = [float(np.clip((patterns.counts * part).sum() / pairs, 1e-3 / pairs, 0.3)) for part in classes[:-1]]
    return shares, classes


def _learn(
    patterns: Patterns, comparisons: tuple[Comparison, ...], rules: list[CountedRule], levels: Levels
) -> tuple[Levels, list[int]]:
    """What the rules' pairs teach, and the places of the comparisons that no rule could teach anything about."""
    totals = [[np.zeros(comparison.level_count) for comparison in comparisons] for _ in levels.kinds[:-1]]
    for counted in rules:
        if counted.rule.only_for is not None:
            continue  # those whom people write about are a choice of theirs, no sample of pairs
        used = [
            place for place, c in enumerate(comparisons) if c.name not in counted.rule.comparisons and c.is_learnt_by_em
        ]
        found = (patterns.rules >> rule_number(counted.rule)) & 1 == 1
        # A pair with nothing else to compare would be judged by the rule alone.
        found &= (patterns.gammas[:, used] >= 0).sum(axis=1) >= _FEWEST_COMPARED
        if not found.any():
            continue
        kept = Patterns(patterns.gammas[found], patterns.counts[found], patterns.rules[found])
        seen_by_rule, _ = expectation_maximisation(kept, comparisons, used, levels)
        for place, seen in seen_by_rule.items():
            for kind, counts in enumerate(seen):
                if not kind or RIVALS[kind - 1].found_by & counted.rule.comparisons:
                    totals[kind][place] += counts
    unseen = [
        place
        for place, total in enumerate(totals[0])
        if total.sum() < FEWEST_MATCHES and comparisons[place].is_learnt_by_em
    ]
    m, *rivals = [_pooled(total, before) for total, before in zip(totals, levels.kinds, strict=False)]
    return bound(comparisons, Levels(m, rivals, levels.u)), unseen


def _learn_from_all(
    patterns: Patterns, comparisons: tuple[Comparison, ...], levels: Levels, unseen: list[int], classes: list[Floats]
) -> Levels:
    """m of comparisons that take part in every rule but one's worth of them: from all pairs likely of one person."""
    m = list(levels.m)
    for place in unseen:
        counts = level_counts(patterns.gammas, place, comparisons[place].level_count, patterns.counts * classes[0])
        m[place] = _pooled([counts], [m[place]])[0]
    return Levels(m, levels.rivals, levels.u)


def _pooled(totals: list[Floats], before: list[Floats]) -> list[Floats]:
    return [smooth(total) if total.sum() >= FEWEST_MATCHES else old for total, old in zip(totals, before, strict=True)]
