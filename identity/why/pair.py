"""Why two records are, or are not, one person: every comparison with its bits and the values seen, up to the end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import networkx as nx

from identity.model import RIVALS, Model
from identity.why.apart import Apart, why_apart
from identity.why.bits import Weighed, probability, weigh
from identity.why.blocking_reasons import BlockingView, explain_blocking
from identity.why.case import Case, pair_of, pair_table
from identity.why.judgements import JudgementView, standing
from identity.why.minimum_cut import Pair
from identity.why.values import Reader, RecordView

_WORDS: Final = {"strangers": "two strangers", "household": "two people of one household"}
# The weight that was stored and the one computed now are the same up to rounding.
_SAME_WEIGHT: Final = 0.05
# A match between customers is looked for among this many pairs of their records at most.
_MOST_PAIRS: Final = 2_000


@dataclass(frozen=True)
class ComparisonView:
    """One comparison: the level reached in words, its bits, and the values on both sides.

    `bits`: one person against strangers, of which `rarity` because the shared value is rarer (or, below 0, more common)
    than such values are. `rival_bits`: one person against each of the model's rivals. `compared` is false when a side
    has no value.
    """

    comparison: str
    words: str
    compared: bool
    bits: float
    rarity: float
    rival_bits: tuple[float, ...]
    values_a: tuple[str, ...]
    values_b: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Another reason to agree that one person is weighed against: `prior` and the sum with the comparisons, in bits."""

    name: str
    words: str
    prior: float
    bits: float


@dataclass(frozen=True)
class PairExplanation:
    """Everything about a pair of records; `to_json` writes it for machines, `words.pair_lines` for people.

    `against` lists strangers first, then the model's rivals; one person must beat all of them at once, which makes
    `match_weight`. `stored_weight`: what the last run kept for the pair; null when it kept none. `path`: records that
    connect the two in their customer. `apart`: why two customers are two; null when it is one customer.
    """

    record_a: RecordView
    record_b: RecordView
    same_customer: bool
    match_weight: float
    match_probability: float
    stored_weight: float | None
    comparisons: tuple[ComparisonView, ...]
    against: tuple[Explanation, ...]
    blocking: BlockingView
    judgements: tuple[JudgementView, ...]
    path: tuple[str, ...]
    path_bits: float | None
    apart: Apart | None
    masked: bool

    @property
    def is_outdated(self) -> bool:
        """Whether the records or the model have changed since the run that stored the pair."""
        return self.stored_weight is not None and abs(self.stored_weight - self.match_weight) > _SAME_WEIGHT


def explain_pair(case: Case, record_a: str, record_b: str, *, show_values: bool = False) -> PairExplanation:
    """Why two records are, or are not, one person.

    Args:
        case: what is known of the two and of their customers' records.
        record_a: a record id.
        record_b: another one.
        show_values: show values as they are instead of masked.

    Raises:
        KeyError: if the case does not hold one of them.
        ValueError: if it is the same record twice.
    """
    if record_a == record_b:
        raise ValueError(f"{record_a} was given twice; a pair is two different records")
    a, b = pair_of(record_a, record_b)
    case.row(a), case.row(b)
    reader = Reader(case.records, case.customers, show_values=show_values)
    ours, theirs = case.customer_of.get(a), case.customer_of.get(b)
    same = ours is not None and ours == theirs
    weighed = weigh(case.compare(pair_table(_pairs_to_weigh(case, a, b, ours, theirs))), case.model)
    pair = weighed.among([(a, b)])
    bits = float(pair.weight[0])
    path = _strongest_path(case, a, b) if same and ours is not None else ()
    apart = None
    if not same and ours is not None and theirs is not None:
        apart = why_apart(case, weighed, ours, theirs, reader, show_values=show_values)
    return PairExplanation(
        record_a=reader.view(a),
        record_b=reader.view(b),
        same_customer=same,
        match_weight=round(bits, 2),
        match_probability=round(probability(bits), 6),
        stored_weight=case.stored.get((a, b)),
        comparisons=_comparison_views(pair, case.model, reader),
        against=_explanations(pair, case.model),
        blocking=explain_blocking(case, a, b, bits),
        judgements=tuple(standing(case.judgements, {(a, b)}, reader, show_values=show_values)),
        path=tuple(reader.label(record) for record in path),
        path_bits=min((case.stored[pair_of(*step)] for step in pairwise(path)), default=None),
        apart=apart,
        masked=not show_values,
    )


def _pairs_to_weigh(case: Case, a: str, b: str, ours: str | None, theirs: str | None) -> list[Pair]:
    """The pair, and where their customers are two the pairs between those, for they are compared as wholes."""
    if ours is None or theirs is None or ours == theirs:
        return [(a, b)]
    between = [pair_of(one, other) for one in case.records_of(ours) for other in case.records_of(theirs)]
    return list(dict.fromkeys([(a, b), *between]))[:_MOST_PAIRS]


def _strongest_path(case: Case, a: str, b: str) -> tuple[str, ...]:
    """The records between a and b whose weakest tie is strongest; empty where ties in favour do not connect them."""
    members = set(case.records_of(case.customer_of[a]))
    graph = nx.Graph()
    graph.add_nodes_from(sorted(members))
    ties = sorted((pair, bits) for pair, bits in case.stored.items() if bits > 0 and members.issuperset(pair))
    graph.add_weighted_edges_from((one, other, bits) for (one, other), bits in ties)
    tree = nx.maximum_spanning_tree(graph)
    return tuple(nx.shortest_path(tree, a, b)) if nx.has_path(tree, a, b) else ()


def _comparison_views(pair: Weighed, model: Model, reader: Reader) -> tuple[ComparisonView, ...]:
    a, b = pair.pairs[0]
    views = []
    for place, comparison in enumerate(model.comparisons):
        gamma, bits = int(pair.gammas[0, place]), float(pair.parts[0, place])
        usual = float(model.weight(place)[gamma]) if gamma >= 0 else 0.0
        views.append(
            ComparisonView(
                comparison.name,
                comparison.words_of(gamma),
                gamma >= 0,
                round(bits, 2),
                round(bits - usual, 2) if abs(bits - usual) > 0.01 else 0.0,
                tuple(round(float(part[0, place]), 2) for part in pair.rival_parts),
                reader.seen(a, comparison.name),
                reader.seen(b, comparison.name),
            )
        )
    return tuple(views)


def _explanations(pair: Weighed, model: Model) -> tuple[Explanation, ...]:
    names = ["strangers", *(rival.name for rival in RIVALS[: len(model.rivals)])]
    sums = [float(part[0].sum()) for part in (pair.parts, *pair.rival_parts)]
    return tuple(
        Explanation(name, _WORDS.get(name, f"two records of one {name}"), round(prior, 2), round(bits + prior, 2))
        for name, bits, prior in zip(names, sums, model.prior_weights, strict=True)
    )
