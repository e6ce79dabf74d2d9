"""Why two customers are two: what people said, what contradicts, who competes, and which evidence is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from identity.matching import contradictions
from identity.model import Model
from identity.scoring import Scores
from identity.torn_mentions import place_of
from identity.why.bits import Weighed, Whole, as_whole, total
from identity.why.case import Case
from identity.why.judgements import standing
from identity.why.missing import what_would_do
from identity.why.values import Reader

Kind = Literal["judged", "contradiction", "one_per_source", "mention", "external_id", "competition", "evidence", "open"]
_SHOWN: Final = 3
# Bits below which a comparison is worth naming.
_LOUD: Final = -0.5


@dataclass(frozen=True)
class Reason:
    """One reason in words."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class Apart:
    """Why two groups of records are not one customer.

    `bits`: what they have in favour as wholes, where `threshold` is needed. `would_do`: facts that would join them;
    none where evidence is not what is missing.
    """

    bits: float
    threshold: float
    reasons: tuple[Reason, ...]
    would_do: tuple[str, ...]


def why_apart(case: Case, weighed: Weighed, ours: str, theirs: str, reader: Reader, *, show_values: bool) -> Apart:
    """Why the customers `ours` and `theirs` are two, from the weighed pairs between their records."""
    threshold = case.frozen.threshold
    whole = as_whole(weighed, case.model)
    bits = round(total(whole.bits, case.model), 2)
    judged = standing(case.judgements, set(weighed.pairs), reader, show_values=show_values)
    reasons = [Reason("judged", view.words) for view in judged if view.verdict == "different"]
    reasons += _contradictions(case, weighed, reader) + _one_per_source(case, weighed, reader)
    would_do: tuple[str, ...] = ()
    if bits < threshold:
        if not reasons:
            would_do = what_would_do(whole, case.model, threshold)
        side = "in favour" if bits > 0 else "against"
        words = f"too little evidence: {abs(bits):.1f} bits {side}, {threshold:.1f} in favour are needed"
        reasons.append(Reason("evidence", words + _loudest_against(whole, case.model)))
    elif not reasons:
        reasons += _torn(case, weighed, whole, reader) or _competition(case, ours, theirs)
    if not reasons:
        words = (
            f"{bits:.1f} bits speak for one person, {threshold:.1f} are needed, and nothing speaks against it: "
            "the records have changed since the last run, or the change is held (`braid identity plan` shows it)"
        )
        reasons.append(Reason("open", words))
    return Apart(bits, threshold, tuple(reasons), would_do)


def _contradictions(case: Case, weighed: Weighed, reader: Reader) -> list[Reason]:
    ends = np.arange(len(weighed.pairs), dtype=np.int32)
    scores = Scores(ends, ends, weighed.parts.astype(np.float32), (), weighed.weight, weighed.gammas)
    found = np.flatnonzero(contradictions(scores, case.model))
    if not len(found):
        return []
    a, b = weighed.pairs[found[0]]
    more = f", and {len(found) - 1} more pairs" if len(found) > 1 else ""
    words = f"contradiction: given names and birth dates both differ between {reader.label(a)} and {reader.label(b)}"
    return [Reason("contradiction", words + more)]


def _one_per_source(case: Case, weighed: Weighed, reader: Reader) -> list[Reason]:
    if not case.frozen.settings.one_record_per_source:
        return []
    same = next((pair for pair in weighed.pairs if case.source_of[pair[0]] == case.source_of[pair[1]]), None)
    if same is None:
        return []
    a, b = same
    words = f"{reader.label(a)} and {reader.label(b)} are of one source, which is said to hold each person once"
    return [Reason("one_per_source", words)]


def _loudest_against(whole: Whole, model: Model) -> str:
    """The comparisons that speak most against one person, against whichever explanation is the strongest."""
    kind = int(np.argmin(whole.bits.sum(axis=1) + np.array(model.prior_weights)))
    order = [place for place in np.argsort(whole.bits[kind], kind="stable") if whole.bits[kind, place] < _LOUD]
    said = [f"{model.comparisons[place].name.replace('_', ' ')} {whole.bits[kind, place]:+.1f}" for place in order]
    return f" (most against it: {', '.join(said[:_SHOWN])})" if said else ""


def _torn(case: Case, weighed: Weighed, whole: Whole, reader: Reader) -> list[Reason]:
    """Where the two are apart because a record whose word would join them named others too."""
    kinds: tuple[tuple[Literal["mention", "external_id"], Callable[[str], bool], str], ...] = (
        (
            "mention",
            lambda record: len(set(reader.mentions(record))) > 1,
            "identifiers of several customers were written by {}, so what it wrote says nothing of either",
        ),
        (
            "external_id",
            reader.names_several,
            "several customers of one kind are named by {} as itself, so what it names says nothing of either",
        ),
    )
    reasons = []
    for kind, is_torn, words in kinds:
        place = place_of(case.model, kind)
        if place is None or not whole.compared[place]:
            continue
        bits = whole.bits.copy()
        bits[:, place] = 0.0
        if total(bits, case.model) >= case.frozen.threshold:
            continue
        hits = [pair for pair, gamma in zip(weighed.pairs, weighed.gammas[:, place], strict=True) if gamma > 0]
        writers = sorted({record for pair in hits for record in pair if is_torn(record)})
        reasons += [Reason(kind, words.format(reader.label(record))) for record in writers[:_SHOWN]]
    return reasons


def _competition(case: Case, ours: str, theirs: str) -> list[Reason]:
    """Customers that either of the two could join as well, and that cannot be one person with the other."""
    near: dict[frozenset[str], float] = {}
    for (a, b), bits in case.stored.items():
        ends = frozenset(case.customer_of[record] for record in (a, b) if record in case.customer_of)
        if len(ends) == 2:
            near[ends] = max(bits, near.get(ends, -np.inf))
    found = []
    for one, other in ((ours, theirs), (theirs, ours)):
        for ends, bits in near.items():
            (rival,) = ends - {one} if one in ends else (other,)
            if rival != other and bits >= case.frozen.threshold and near.get(frozenset((rival, other)), -1.0) < 0.0:
                found.append((-bits, one, rival, other))
    return [
        Reason(
            "competition",
            f"competition: {one} could as well be {rival} (up to {-bits:.1f} bits between two records), which is "
            f"somebody else than {other}; who could be either joins neither before one is clearly ahead",
        )
        for bits, one, rival, other in sorted(found)[:_SHOWN]
    ]
