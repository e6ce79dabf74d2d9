"""What another threshold would mean, and how large customers are."""

from __future__ import annotations

from typing import Final

import numpy as np

from identity.components import connected_components
from identity.report import html
from identity.report.charts import cluster_sizes, threshold_curve, weight_histogram
from identity.report.facts import Facts

_AROUND: Final = (-4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 10, 12, 15, 20)
_BINS: Final = 40
_SIZES: Final = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, None))


def threshold(facts: Facts) -> tuple[str, str, str]:
    """Customers, expected precision and recall by threshold; the weights of the pairs that were kept."""
    if not len(facts.weights):
        return html.section("threshold", "Threshold", html.paragraph("No pair came near enough to be kept."))
    rows = _curve(facts)
    cells = [
        (
            f"{row['threshold']:g}",
            int(row["pairs"]),
            int(row["customers"]),
            f"{row['expected precision']:.4f}",
            f"{row['expected recall']:.4f}",
        )
        for row in rows
    ]
    return html.section(
        "threshold",
        "Threshold",
        html.paragraph(
            f"Groups of records join from {facts.threshold:g} bits on. The figures for other thresholds are expected "
            "ones: the sum of the match probabilities of the kept pairs at or above a threshold, over their number "
            "(precision), and over the sum for all kept pairs (recall). Pairs that blocking never compared are not in "
            "them. Customers are counted as if every kept pair that was joined, or reaches a lower threshold, joined."
        ),
        html.figure(threshold_curve(rows, facts.threshold)),
        html.table(
            "Customers and expected quality by threshold",
            ("threshold in bits", "pairs", "customers", "expected precision", "expected recall"),
            cells,
        ),
        html.figure(weight_histogram(_histogram(facts))),
    )


def _curve(facts: Facts) -> list[dict[str, float]]:
    thresholds = sorted({*map(float, _AROUND), facts.threshold})
    likely = float(facts.probabilities.sum())
    rows = []
    for bits in thresholds:
        reached = facts.weights >= bits
        joined = reached & (facts.accepted | (bits < facts.threshold))
        labels = connected_components(len(facts.record_ids), facts.left[joined], facts.right[joined])
        found = float(facts.probabilities[reached].sum())
        pairs = int(reached.sum())
        rows.append(
            {
                "threshold": bits,
                "pairs": float(pairs),
                "customers": float(len(np.unique(labels))),
                "expected precision": found / pairs if pairs else 1.0,
                "expected recall": found / likely if likely else 1.0,
            }
        )
    return rows


def _histogram(facts: Facts) -> list[dict[str, float]]:
    counts, edges = np.histogram(np.clip(facts.weights, -20, 60), bins=_BINS)
    return [
        {"splink_score_bin_low": float(low), "splink_score_bin_high": float(high), "count_rows": float(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def sizes(facts: Facts) -> tuple[str, str, str]:
    """How many records customers have."""
    counts = facts.customers.groupby("customer_id").size()
    rows = [
        {
            "records": str(low) if low == high else f"{low} to {high}" if high else f"over {low - 1}",
            "customers": int(((counts >= low) & ((counts <= high) if high else True)).sum()),
        }
        for low, high in _SIZES
    ]
    while rows and not rows[-1]["customers"]:
        rows.pop()
    cells = [(row["records"], row["customers"]) for row in rows]
    return html.section(
        "sizes",
        "Cluster sizes",
        html.figure(cluster_sizes(rows)),
        html.table("Customers by number of records", ("records", "customers"), cells),
    )
