"""The customers that came nearest to being the same one, and what keeps each of them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from identity.why.apart import Apart, why_apart
from identity.why.bits import Weighed
from identity.why.case import Case, pair_of
from identity.why.minimum_cut import Pair
from identity.why.values import Reader

# Records of a neighbour with less in common than the run itself would keep are no neighbours.
_MOST_RECORDS_EACH: Final = 20
_MOST_PAIRS: Final = 3_000


@dataclass(frozen=True)
class Neighbour:
    """A customer that was not merged.

    `record` is our record and `other` theirs of the pair with the most bits, `best` its bits; `was_compared`: whether
    the last run kept that pair, so that blocking or completion surely compared it.
    """

    customer_id: str
    record: str
    other: str
    best: float
    was_compared: bool
    apart: Apart


def pairs_to_others(case: Case, members: list[str]) -> list[Pair]:
    """The pairs between a customer's records and those of every other customer in the case."""
    held = set(members)
    others = sorted(record for record in case.records["record_id"].to_pylist() if record not in held)
    seen: dict[str, int] = {}
    chosen = []
    for record in others:
        customer = case.customer_of.get(record, record)
        seen[customer] = seen.get(customer, 0) + 1
        if seen[customer] <= _MOST_RECORDS_EACH:
            chosen.append(record)
    return [pair_of(member, other) for other in chosen for member in members][:_MOST_PAIRS]


def nearest(
    case: Case, weighed: Weighed, customer_id: str, reader: Reader, *, most: int, show_values: bool
) -> tuple[list[Neighbour], list[Pair]]:
    """The nearest other customers, the nearest first, and per neighbour the pair (record ids) that came nearest.

    Args:
        case: what is known.
        weighed: the pairs of `pairs_to_others`.
        customer_id: the customer in question.
        reader: how records are named.
        most: how many neighbours to tell of.
        show_values: whether free text is shown.
    """
    between: dict[str, list[Pair]] = {}
    bits = dict(zip(weighed.pairs, weighed.weight.tolist(), strict=True))
    for pair in weighed.pairs:
        for other in {case.customer_of.get(record, customer_id) for record in pair} - {customer_id}:
            between.setdefault(other, []).append(pair)
    best = {customer: max(pairs, key=lambda pair: (bits[pair], pair)) for customer, pairs in between.items()}
    near = [customer for customer in best if bits[best[customer]] >= case.frozen.settings.kept_edges_from]
    chosen = sorted(near, key=lambda customer: (-bits[best[customer]], customer))[:most]
    neighbours = []
    for customer in chosen:
        pair = best[customer]
        ours, theirs = sorted(pair, key=lambda record: case.customer_of[record] != customer_id)
        apart = why_apart(
            case, weighed.among(between[customer]), customer_id, customer, reader, show_values=show_values
        )
        neighbours.append(
            Neighbour(
                customer, reader.label(ours), reader.label(theirs), round(bits[pair], 2), pair in case.stored, apart
            )
        )
    return neighbours, [best[customer] for customer in chosen]
