"""Scored pairs and people's judgements to clusters, one component of near pairs at a time, so that no edge chains two.

A component is what pairs hold together that are near, or that somebody judged to be one person. Clusters never leave
their component and depend on nothing outside it: clustering one alone gives what clustering all gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from identity.agglomeration import UNIT, Links, agglomerate
from identity.comparison_catalogue import looks
from identity.components import Labels, connected_components
from identity.scoring import Scores

Pairs: TypeAlias = "tuple[NDArray[Any], NDArray[Any]]"
"""Two arrays of record numbers of the same length, in any order."""

NEAR: Final = 1.0
"""Match weight from which a pair holds a component together; a pair with less cannot start a join."""
# Links that are worked on at once: what a million records need at a time stays small.
_LINKS_AT_ONCE: Final = 400_000


def cluster(
    records: int,
    scores: Scores,
    prior_weights: list[float],
    stand_ins: list[tuple[int, int]],
    forbidden: NDArray[np.bool_],
    threshold: float,
    together: Pairs | None = None,
    apart: Pairs | None = None,
    stated: list[tuple[int, int]] | None = None,
) -> Labels:
    """Label each record 0 … `records` - 1 with the smallest record of its cluster.

    The order of the pairs does not matter, nor do the numbers of the records beyond their order.

    Args:
        records: how many there are.
        scores: the pairs that were compared.
        prior_weights: bits before any comparison, against strangers and against each rival.
        stand_ins: pairs of comparisons (by place); the first counts only where the second could not compare.
        forbidden: per scored pair, whether the two must not meet in one cluster unless somebody judged otherwise.
        threshold: bits from which two clusters join.
        together: pairs of one person whatever the scores say, compared or not.
        apart: pairs of two people whatever the scores say, compared or not; also never through a third record.
        stated: of `comparison_catalogue.stated_levels`.

    Raises:
        ValueError: if a chain of `together` puts together what `apart` forbids.
    """
    together = _whole(together)
    apart = _whole(apart)
    begin = connected_components(records, *together)
    contradicted = begin[apart[0]] == begin[apart[1]]
    if contradicted.any():
        raise ValueError(
            f"{int(contradicted.sum())} pairs are to be kept apart whose records are to be kept together, the first "
            f"at position {int(np.argmax(contradicted))}; let the newer judgement win before clustering"
        )
    labels = begin.copy()
    component = near_components(records, scores, together)
    said = component[together[0]]
    for members, pairs, judged in _portions(component, scores, apart):
        # Renumbered: a portion costs what it holds, not what all records do.
        number = np.empty(records, dtype=np.int64)
        number[members] = np.arange(len(members))
        apart_here = apart[0][judged], apart[1][judged]
        links = _links(number, scores, forbidden, pairs, apart_here, stated or [])

        def grow(start: Labels, links: Links = links, home: Labels = number[component[members]]) -> Labels:
            return agglomerate(start, home, links, prior_weights, stand_ins, threshold)

        own = grow(np.arange(len(members)))
        here = np.isin(said, component[members])
        if here.any():
            pairs_here = number[together[0][here]], number[together[1][here]]
            own = grow(_joined(own, pairs_here, (number[apart_here[0]], number[apart_here[1]])))
        labels[members] = members[own]
    return labels


def _joined(own: Labels, together: Pairs, apart: Pairs) -> Labels:
    """The clusters that were found, joined as wholes where somebody said that a record of each is one person.

    Said of one record, it holds for those that the scores put with it: they are no further from it than before. Only
    where that would put together what is apart, the judged records alone are joined, and the scores decide again.
    """
    count = len(own)
    places = np.arange(count)
    wholes = connected_components(count, np.r_[places, together[0]], np.r_[own, together[1]])
    torn = np.unique(wholes[apart[0]][wholes[apart[0]] == wholes[apart[1]]])
    return np.where(np.isin(wholes, torn), connected_components(count, *together), wholes)


def near_components(records: int, scores: Scores, together: Pairs | None = None) -> Labels:
    """Label each record with the smallest of its component: what near pairs and `together` connect."""
    near = scores.weight >= NEAR
    one, other = _whole(together)
    return connected_components(
        records,
        np.concatenate([scores.left[near].astype(np.int64), one]),
        np.concatenate([scores.right[near].astype(np.int64), other]),
    )


def one_record_per_source(source: NDArray[Any], component: Labels, together: Pairs | None = None) -> Pairs:
    """The pairs to keep `apart` where each source knows a person once: two records of one source in one component.

    Args:
        source: a code per record.
        component: per record, as `near_components` labels it; records of two components cannot meet anyway.
        together: judged to be one person; what they put together is left out, because people win.
    """
    order = np.lexsort((source, component))
    group = np.cumsum(
        np.r_[False, (source[order][1:] != source[order][:-1]) | (component[order][1:] != component[order][:-1])]
    )
    # Each record meets those that follow it in its group.
    after = np.searchsorted(group, group, side="right") - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), after)
    step = np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after) + 1
    left, right = order[first], order[first + step]
    person = connected_components(len(order), *_whole(together))
    kept = person[left] != person[right]
    return left[kept], right[kept]


def _whole(pairs: Pairs | None) -> tuple[Labels, Labels]:
    left, right = pairs if pairs is not None else ((), ())
    return np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)


def _portions(
    component: Labels, scores: Scores, apart: tuple[Labels, Labels]
) -> Iterator[tuple[Labels, Labels, Labels]]:
    """Whole components at a time: their records, the places of their scored pairs and of their pairs to keep apart."""
    inside = np.flatnonzero(component[scores.left] == component[scores.right])
    inside = inside[np.argsort(component[scores.left[inside]], kind="stable")]
    owner = component[scores.left[inside]]
    judged = np.flatnonzero(component[apart[0]] == component[apart[1]])
    judged = judged[np.argsort(component[apart[0][judged]], kind="stable")]
    judge = component[apart[0][judged]]
    members = np.argsort(component, kind="stable")
    home = component[members]
    start = 0
    while start < len(owner):
        end = int(np.searchsorted(owner, owner[min(start + _LINKS_AT_ONCE, len(owner)) - 1], side="right"))
        low, high = owner[start], owner[end - 1]
        some = members[np.searchsorted(home, low) : np.searchsorted(home, high, side="right")]
        yield (
            np.sort(some),
            inside[start:end],
            judged[np.searchsorted(judge, low) : np.searchsorted(judge, high, side="right")],
        )
        start = end


def _links(
    number: Labels,
    scores: Scores,
    forbidden: NDArray[np.bool_],
    pairs: Labels,
    apart: tuple[Labels, Labels],
    stated: list[tuple[int, int]],
) -> Links:
    """Scored pairs, and pairs to keep apart that no comparison need have seen, as links between single records."""
    bits = np.stack([part[pairs] for part in (scores.parts, *scores.rival_parts)], axis=1)
    counts = looks(scores.gammas[pairs], stated)
    sums = np.rint(bits / UNIT).astype(np.int64)
    for place, _ in stated:
        sums[:, :, place] *= counts[:, np.newaxis, place]
    count, judged = len(pairs), len(apart[0])
    kinds, comparisons = bits.shape[1:]
    return Links(
        np.concatenate([number[scores.left[pairs]], number[apart[0]]]),
        np.concatenate([number[scores.right[pairs]], number[apart[1]]]),
        np.concatenate([sums, np.zeros((judged, kinds, comparisons), dtype=np.int64)]),
        np.concatenate([counts, np.zeros((judged, comparisons), dtype=np.int64)]),
        np.repeat([1, 0], [count, judged]),
        np.concatenate([forbidden[pairs].astype(np.int64), np.ones(judged, dtype=np.int64)]),
    )
