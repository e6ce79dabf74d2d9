"""Pairs to look at: just joined, just not joined, and sure ones, each with its reasons."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from identity.components import Labels
from identity.report import html
from identity.report.facts import SHOWN_FIELDS, Facts

_NEAR: Final = 6
_SURE: Final = 4


def pairs(facts: Facts) -> tuple[str, str, str]:
    """Sample pairs on both sides of the threshold, and the surest."""
    joined, apart = np.flatnonzero(facts.accepted), np.flatnonzero(~facts.accepted)
    masked = "" if facts.show_values else " Values are masked; run with --show-values to see them."
    return html.section(
        "pairs",
        "Sample pairs",
        html.paragraph(
            "At most one pair per pattern of agreement is shown, the ones nearest to the threshold first." + masked
        ),
        _group(facts, "Joined, nearest to the threshold", _nearest(facts, joined, _NEAR)),
        _group(facts, "Not joined, nearest to the threshold", _nearest(facts, apart, _NEAR)),
        _group(facts, "Joined, the surest", _surest(facts, joined)),
    )


def _nearest(facts: Facts, some: Labels, most: int) -> list[int]:
    return _different(facts, some[_order(facts, some, np.abs(facts.weights[some] - facts.threshold))], most)


def _surest(facts: Facts, some: Labels) -> list[int]:
    return _different(facts, some[_order(facts, some, -facts.weights[some])], _SURE)


def _order(facts: Facts, some: Labels, key: np.ndarray[Any, Any]) -> Labels:
    """By key, ties by the places of the records."""
    return np.asarray(np.lexsort((facts.right[some], facts.left[some], np.round(key, 6))))


def _different(facts: Facts, ordered: Labels, most: int) -> list[int]:
    """The first edges that differ in what agrees."""
    seen: dict[str, int] = {}
    # Patterns are few: a short look ahead finds enough of them.
    for place in ordered[: 200 * most].tolist():
        seen.setdefault(facts.resolution.edges["pattern"][place].as_py(), place)
        if len(seen) == most:
            break
    return list(seen.values())


def _group(facts: Facts, title: str, places: list[int]) -> str:
    edges = facts.resolution.edges.take(pa.array(places, pa.int64())).to_pylist()
    rows = facts.rows_of([row[end] for row in edges for end in ("record_id_a", "record_id_b")])
    shown = [_pair(facts, edge, rows) for edge in edges]
    return html.subtitle(title) + ("".join(shown) or html.paragraph("None."))


def _pair(facts: Facts, edge: dict[str, Any], rows: dict[str, dict[str, Any]]) -> str:
    a, b = rows[edge["record_id_a"]], rows[edge["record_id_b"]]
    labels = facts.label(a["record_id"]), facts.label(b["record_id"])
    fields = [
        (field.replace("_", " "), facts.shown(field, a[field]), facts.shown(field, b[field]))
        for field in SHOWN_FIELDS
        if a[field] is not None or b[field] is not None
    ]
    found = facts.reasons.get(edge["pattern"], [])
    reasons = [
        (reason["comparison"].replace("_", " "), reason["words"], f"{reason['weight']:+.1f}") for reason in found
    ]
    rest = edge["match_weight"] - sum(reason["weight"] for reason in found)
    reasons.append(("on top", "how rare the values are, and what a household would explain", f"{rest:+.1f}"))
    reasons.append(("in all", "match weight of the pair", f"{edge['match_weight']:+.1f}"))
    weight = f"{edge['match_weight']:+.1f} bits, probability {edge['match_probability']:.4f}"
    return html.details(
        f"{labels[0]} and {labels[1]}: {weight}",
        html.table("The two records", ("field", *labels), fields),
        html.table(
            "What was compared",
            ("comparison", "finding", "bits"),
            reasons,
        ),
    )
