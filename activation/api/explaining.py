"""An explanation from its published pieces: the minimum cut and the weakest link are found by identity's own code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from identity.why.minimum_cut import Pair, Structure, structure

Evidence: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]
"""What each pattern of an edge means: per comparison its words and weight, as `identity.edges` writes them."""

_MOST_EDGES: Final = 200
_MOST_AGAINST: Final = 3
# Bits below which a comparison is worth naming as a reason against.
_LOUD: Final = -0.5


@dataclass(frozen=True)
class Pieces:
    """What publication keeps of one customer.

    Attributes:
        customer_id: the customer.
        records: the source records, as the profile has them.
        edges: `[record_id_a, record_id_b, match_weight, match_probability, pattern]`, the strongest first.
        nearest: `[customer_id, record_id, other_record_id, match_weight, match_probability, pattern]`, ours first.
        judgements: what people decided about its records; the newest of each pair.
        threshold: bits that two customers need to be one; None when no model is known.
    """

    customer_id: str
    records: Sequence[Mapping[str, Any]]
    edges: Sequence[Sequence[Any]]
    nearest: Sequence[Sequence[Any]]
    judgements: Sequence[Mapping[str, Any]]
    threshold: float | None

    @property
    def patterns(self) -> set[str]:
        """The patterns whose meaning is needed."""
        return {edge[-1] for edge in (*self.edges, *self.nearest)}


def explain(pieces: Pieces, evidence: Evidence) -> dict[str, Any]:
    """The fields of `models.Why`."""
    weights = {_pair(edge[0], edge[1]): float(edge[2]) for edge in pieces.edges}
    built = structure([record["record_id"] for record in pieces.records], weights)
    views = {_pair(edge[0], edge[1]): _edge(edge, built, evidence) for edge in pieces.edges}
    return {
        "customer_id": pieces.customer_id,
        "records": pieces.records,
        "edges": list(views.values())[:_MOST_EDGES],
        "edge_count": len(views),
        "weakest_link": views[built.weakest] if built.weakest else None,
        "cut": {
            "bits": round(built.cut.weight, 2),
            "edges": [views[pair] for pair in built.cut.edges],
            "side": built.cut.side,
        }
        if built.cut
        else None,
        "judgements": pieces.judgements,
        "nearest": [_nearest(near, pieces, evidence) for near in pieces.nearest],
    }


def _edge(edge: Sequence[Any], built: Structure, evidence: Evidence) -> dict[str, Any]:
    pair = _pair(edge[0], edge[1])
    return {
        "record_a": edge[0],
        "record_b": edge[1],
        "bits": round(float(edge[2]), 2),
        "probability": edge[3],
        "because": _because(edge[4], evidence),
        "in_cut": built.cut is not None and pair in built.cut.edges,
        "is_bridge": pair in built.bridges,
    }


def _because(pattern: str, evidence: Evidence) -> list[dict[str, Any]]:
    """What was compared, the loudest first; how rarely two random records are one person is no comparison."""
    told = [
        {"comparison": part["comparison"], "words": part["words"], "bits": float(part["weight"])}
        for part in evidence.get(pattern, ())
        if part["comparison"] != "prior" and part["weight"]
    ]
    return sorted(told, key=lambda part: -abs(part["bits"]))


def _nearest(near: Sequence[Any], pieces: Pieces, evidence: Evidence) -> dict[str, Any]:
    customer_id, record, other, bits, probability, pattern = near
    because = _because(pattern, evidence)
    return {
        "customer_id": customer_id,
        "record": record,
        "other_record": other,
        "bits": round(float(bits), 2),
        "probability": probability,
        "because": because,
        "kept_apart_by": list(_apart(pieces, customer_id, float(bits), because)),
    }


def _apart(pieces: Pieces, other_customer_id: str, bits: float, because: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """In words, what is known to keep two customers apart, from the pair of their records that came nearest."""
    for judgement in pieces.judgements:
        between = {judgement["customer_a"], judgement["customer_b"]}
        if judgement["verdict"] == "different" and between == {pieces.customer_id, other_customer_id}:
            both = f"{judgement['record_a']} and {judgement['record_b']}"
            yield f"{judgement['judged_by']} said that {both} are two people"
    against = [part for part in because if part["bits"] <= _LOUD][:_MOST_AGAINST]
    if pieces.threshold is not None and bits < pieces.threshold:
        yield f"too little evidence: {bits:.1f} bits, {pieces.threshold:.1f} are needed"
    elif not against:
        yield (
            "as a pair the two would do: the customers as wholes do not, somebody else competes, or the change is "
            "held; `braid identity explain` tells which"
        )
    for part in against:
        yield f"against it: {part['words']} ({part['bits']:+.1f})"


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)
