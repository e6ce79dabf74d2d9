"""Why some records are one customer: what holds each, where it would fall apart, and who came near without joining."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from identity.why.bits import Weighed, weigh
from identity.why.case import Case, pair_table
from identity.why.judgements import JudgementView, standing
from identity.why.minimum_cut import Pair, Structure, structure
from identity.why.nearest import Neighbour, nearest, pairs_to_others
from identity.why.shared import SharedIdentifier, shared_by
from identity.why.values import Reader, RecordView

# The words of as many edges are looked up: those of the cut, the bridges, and the best of each record.
_MOST_EDGES_IN_WORDS: Final = 400
_STRONGEST_COMPARISONS: Final = 3


@dataclass(frozen=True)
class EdgeView:
    """Two records of the customer: their bits, what speaks loudest for (and against) them, and where the edge stands.

    `cut`: one of the edges without which the customer falls apart; `bridge`: the only tie between two parts.
    """

    record_a: str
    record_b: str
    match_weight: float
    match_probability: float
    words: tuple[str, ...]
    cut: bool
    bridge: bool


@dataclass(frozen=True)
class Holding:
    """How firmly a record is held: `link_strength` as published, its strongest tie, and its bits to all the others."""

    record: RecordView
    strongest: str | None
    strongest_bits: float | None
    bits: float


@dataclass(frozen=True)
class CustomerExplanation:
    """Everything about a customer; `to_json` writes it for machines, `words.customer_lines` for people.

    `edges`: between its records, the strongest first. `cut`: the edges of the minimum cut, `cut_bits` their sum,
    `cut_side` the part that would come off; `cut_bits` is null for a record alone or a customer too large to cut.
    `weakest`: the tie that gives way first among those that hold every record.
    """

    customer_id: str
    holdings: tuple[Holding, ...]
    edges: tuple[EdgeView, ...]
    cut: tuple[EdgeView, ...]
    cut_bits: float | None
    cut_side: tuple[str, ...]
    bridges: tuple[EdgeView, ...]
    weakest: EdgeView | None
    nearest: tuple[Neighbour, ...]
    shared: tuple[SharedIdentifier, ...]
    judgements: tuple[JudgementView, ...]
    masked: bool


@dataclass(frozen=True)
class Anatomy:
    """The same with the records' own ids, for drawing: never to be shown as it is.

    `members`, `edges` and `neighbours` (the pair by which each came near) are in the order of the explanation's
    `holdings`, `edges` and `nearest`.
    """

    members: tuple[str, ...]
    edges: tuple[Pair, ...]
    neighbours: tuple[Pair, ...]
    structure: Structure


def explain_customer(
    case: Case, customer_id: str, *, show_values: bool = False, most_neighbours: int = 5
) -> tuple[CustomerExplanation, Anatomy]:
    """Why the records of a customer are one, and who came near.

    Args:
        case: its records and those of the customers that may be near.
        customer_id: one that has records.
        show_values: show values as they are instead of masked.
        most_neighbours: how many customers that were not merged to tell of.

    Raises:
        KeyError: if no record of the case belongs to it.
    """
    members = case.records_of(customer_id)
    if not members:
        raise KeyError(f"customer {customer_id} has no records; check the id in identity.record_customers")
    reader = Reader(case.records, case.customers, show_values=show_values)
    held = set(members)
    weights = {pair: bits for pair, bits in case.stored.items() if held.issuperset(pair)}
    built = structure(members, weights)
    worded = _pairs_in_words(members, weights, built)
    weighed = weigh(case.compare(pair_table([*worded, *pairs_to_others(case, members)])), case.model)
    outside = [pair for pair in weighed.pairs if not held.issuperset(pair)]
    neighbours, near_pairs = nearest(
        case, weighed.among(outside), customer_id, reader, most=most_neighbours, show_values=show_values
    )
    views = _edge_views(case, weights, built, weighed, reader)
    cut = built.cut
    explanation = CustomerExplanation(
        customer_id=customer_id,
        holdings=tuple(_holding(record, weights, reader) for record in members),
        edges=tuple(views.values()),
        cut=tuple(views[pair] for pair in cut.edges) if cut else (),
        cut_bits=round(cut.weight, 2) if cut else None,
        cut_side=tuple(reader.label(record) for record in cut.side) if cut else (),
        bridges=tuple(views[pair] for pair in built.bridges),
        weakest=views[built.weakest] if built.weakest else None,
        nearest=tuple(neighbours),
        shared=shared_by(case, members, reader),
        judgements=tuple(standing(case.judgements, _pairs_with(case, held), reader, show_values=show_values)),
        masked=not show_values,
    )
    return explanation, Anatomy(tuple(members), tuple(views), tuple(near_pairs), built)


def _pairs_with(case: Case, held: set[str]) -> set[Pair]:
    if case.judgements is None:
        return set()
    ends = zip(*(case.judgements[name].to_pylist() for name in ("record_id_a", "record_id_b")), strict=True)
    return {(min(pair), max(pair)) for pair in ends if held & set(pair)}


def _pairs_in_words(members: list[str], weights: dict[Pair, float], built: Structure) -> list[Pair]:
    """The edges worth words: what the customer hangs by, then the strongest."""
    important = [*(built.cut.edges if built.cut else ()), *built.bridges, *([built.weakest] if built.weakest else [])]
    rest = sorted(weights, key=lambda pair: (-weights[pair], pair))
    best = {record: pair for pair in reversed(rest) for record in pair}
    chosen = [*important, *(best[record] for record in members if record in best), *rest]
    return list(dict.fromkeys(chosen))[:_MOST_EDGES_IN_WORDS]


def _edge_views(
    case: Case, weights: dict[Pair, float], built: Structure, weighed: Weighed, reader: Reader
) -> dict[Pair, EdgeView]:
    columns = ("record_id_a", "record_id_b", "match_probability")
    rows = zip(*(case.edges[name].to_pylist() for name in columns), strict=True)
    likely = {(a, b): chance for a, b, chance in rows if (a, b) in weights}
    place = {pair: row for row, pair in enumerate(weighed.pairs)}
    cut, bridges = set(built.cut.edges if built.cut else ()), set(built.bridges)
    ordered = sorted(weights, key=lambda pair: (-weights[pair], pair))
    return {
        pair: EdgeView(
            reader.label(pair[0]),
            reader.label(pair[1]),
            round(weights[pair], 2),
            likely[pair],
            _loudest(weighed, place[pair], case) if pair in place else (),
            pair in cut,
            pair in bridges,
        )
        for pair in ordered
    }


def _loudest(weighed: Weighed, row: int, case: Case) -> tuple[str, ...]:
    """The comparisons with the most bits, for or against, in words."""
    parts = weighed.parts[row]
    order = np.argsort(-np.abs(parts), kind="stable")[:_STRONGEST_COMPARISONS]
    comparisons = case.model.comparisons
    return tuple(f"{comparisons[p].words_of(int(weighed.gammas[row, p]))} ({parts[p]:+.1f})" for p in order if parts[p])


def _holding(record: str, weights: dict[Pair, float], reader: Reader) -> Holding:
    ties = {pair[0] if pair[1] == record else pair[1]: bits for pair, bits in weights.items() if record in pair}
    strongest = max(sorted(ties), key=lambda other: ties[other], default=None)
    return Holding(
        reader.view(record),
        reader.label(strongest) if strongest else None,
        round(ties[strongest], 2) if strongest else None,
        round(sum(bits for bits in ties.values() if bits > 0), 2),
    )
