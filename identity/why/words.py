"""Explanations as lines of text for people, and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from identity.why.apart import Apart
from identity.why.blocking_reasons import BlockingView
from identity.why.customer import CustomerExplanation, EdgeView, Holding
from identity.why.nearest import Neighbour
from identity.why.pair import ComparisonView, PairExplanation
from identity.why.values import RecordView

_MASKED = "Values are masked; --show-values shows them."


def to_json(explanation: PairExplanation | CustomerExplanation) -> str:
    """The explanation as JSON text; the fields are those of its class."""
    return json.dumps(asdict(explanation), indent=2, ensure_ascii=False, default=str)


def pair_lines(pair: PairExplanation) -> Iterator[str]:
    """A pair in plain words."""
    yield f"{_record(pair.record_a)}\n{_record(pair.record_b)}"
    verdict = "One customer" if pair.same_customer else "Two customers"
    yield f"{verdict}. As a pair: {_bits(pair.match_weight)}, {_likely(pair.match_probability)} to be one person."
    yield ""
    yield "What was compared (bits: +1 doubles the odds, -1 halves them)"
    for view in pair.comparisons:
        if view.compared:
            yield from _comparison(view)
    silent = [view.comparison.replace("_", " ") for view in pair.comparisons if not view.compared]
    if silent:
        yield f"  nothing to compare: {', '.join(silent)}"
    yield ""
    yield "What it adds up to: one person against ..."
    for other in pair.against:
        yield f"  {other.words}: {other.prior:+.1f} before looking, {_bits(other.bits)} with all of the above"
    yield f"  all of them at once: {_bits(pair.match_weight)}"
    if pair.is_outdated:
        yield f"  The last run stored {pair.stored_weight:+.1f}: a record or the model has changed since."
    yield ""
    yield f"Blocking: {pair.blocking.words}"
    yield from _rules(pair.blocking)
    yield from _verdict(pair)
    if pair.masked:
        yield ""
        yield _MASKED


def customer_lines(customer: CustomerExplanation) -> Iterator[str]:
    """A customer in plain words."""
    yield f"Customer {customer.customer_id}: {_count(len(customer.holdings), 'record')}"
    yield from (f"  {_holding(holding)}" for holding in customer.holdings)
    if len(customer.holdings) > 1:
        yield ""
        yield from _structure(customer)
    if customer.judgements:
        yield ""
        yield "What people said"
        yield from (f"  {judgement.words}" for judgement in customer.judgements)
    if customer.shared:
        yield ""
        yield "Identifiers that several people share: they count as a household's, not as one person's"
        for identifier in customer.shared:
            evidence = ", ".join(
                f"{name.replace('_', ' ')} {_fact(value)}" for name, value in identifier.evidence.items()
            )
            yield f"  {identifier.kind} {identifier.value} ({evidence}), on {', '.join(identifier.carried_by)}"
    yield ""
    yield "Nearest customers that were not merged" if customer.nearest else "No other customer came near."
    for neighbour in customer.nearest:
        yield from _neighbour(neighbour)
    if customer.masked:
        yield ""
        yield _MASKED


def edge_words(edge: EdgeView) -> str:
    """One edge with its bits and what speaks loudest."""
    return f"{edge.record_a} - {edge.record_b}: {_bits(edge.match_weight)}" + (
        f": {'; '.join(edge.words)}" if edge.words else ""
    )


def apart_lines(apart: Apart) -> Iterator[str]:
    """Why two customers are two, and what would change it."""
    yield from (reason.words for reason in apart.reasons)
    if apart.would_do:
        yield f"would do: {', or '.join(apart.would_do)}"
    elif all(reason.kind == "evidence" for reason in apart.reasons):
        yield "no one or two facts more would do"


def _structure(customer: CustomerExplanation) -> Iterator[str]:
    if customer.cut_bits is None:
        yield "Too many records to look for the minimum cut."
    elif not customer.cut:
        parted = ", ".join(customer.cut_side)
        yield f"No single pair ties {parted} to the rest: they belong together as groups only."
    else:
        parted = ", ".join(customer.cut_side)
        yield f"It falls apart without {_count(len(customer.cut), 'edge')} of {customer.cut_bits:.1f} bits in all"
        yield from (f"  {edge_words(edge)}" for edge in customer.cut)
        yield f"  which would leave {parted} apart from the rest."
    if customer.weakest is not None and customer.weakest not in customer.cut:
        yield f"Weakest link: {edge_words(customer.weakest)}"
    if customer.bridges:
        yield f"Edges that alone hold two parts together: {len(customer.bridges)}"


def _rules(blocking: BlockingView) -> Iterator[str]:
    """The rules whose key does not meet, by reason: what is missing first, for it may come one day."""
    yield from (f"  {rule.words}" for rule in blocking.rules if rule.state in ("crowded", "unsought"))
    lacking: dict[str, list[str]] = {}
    for rule in blocking.rules:
        if rule.state == "missing":
            lacking.setdefault("; ".join(rule.missing), []).append(rule.name)
    yield from (f"  no key for lack of {what}: {', '.join(names)}" for what, names in lacking.items())
    different = [rule.name for rule in blocking.rules if rule.state == "different"]
    if different:
        yield f"  the keys differ: {', '.join(different)}"


def _verdict(pair: PairExplanation) -> Iterator[str]:
    if pair.judgements:
        yield ""
        yield from (f"Judgement: {judgement.words}." for judgement in pair.judgements)
    if pair.path and pair.path_bits is not None and len(pair.path) > 2:
        yield ""
        yield f"Held together through {' - '.join(pair.path)}; the thinnest of these ties: {_bits(pair.path_bits)}."
    if pair.apart is not None:
        yield ""
        yield f"Kept apart ({_bits(pair.apart.bits)} as whole customers, {pair.apart.threshold:.1f} are needed)"
        yield from (f"  {line}" for line in apart_lines(pair.apart))


def _comparison(view: ComparisonView) -> Iterator[str]:
    rarity = ""
    if view.rarity:
        rarity = f", {view.rarity:+.1f} of it because the value is {'rare' if view.rarity > 0 else 'common'}"
    yield f"  {view.bits:+6.1f}  {view.words}{rarity}"
    yield f"          {' | '.join(view.values_a) or '-'}   <>   {' | '.join(view.values_b) or '-'}"


def _neighbour(neighbour: Neighbour) -> Iterator[str]:
    yield f"  {neighbour.customer_id}, by {neighbour.record} - {neighbour.other}: {_bits(neighbour.best)} as a pair"
    if not neighbour.was_compared:
        yield "    the last run did not keep this pair: blocking may never have compared it (explain the two records)"
    yield from (f"    {line}" for line in apart_lines(neighbour.apart))


def _record(view: RecordView) -> str:
    return f"{view.record_id} ({view.name}), customer {view.customer_id or 'none yet'}"


def _holding(holding: Holding) -> str:
    view = holding.record
    held = "not published" if view.link_strength is None else f"held at {view.link_strength:.4f}"
    tie = (
        f", most by {holding.strongest} ({_bits(holding.strongest_bits)})" if holding.strongest_bits is not None else ""
    )
    return f"{view.record_id} ({view.name}): {held}{tie}"


def _fact(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _bits(bits: float | None) -> str:
    return f"{bits:+.1f} bits"


def _likely(probability: float) -> str:
    return f"probability {probability:.6f}".rstrip("0").rstrip(".")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
