"""The tables: what each contender reached on a set, and Braid against the best peer and the bar."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmarks.accuracy.neutral import LabelledSet
from benchmarks.accuracy.running import Result

# Pairwise F1 that Braid must reach; other sets are measured against the peers alone.
BARS = {
    "historical_50k": 0.90,
    "fake_20000": 0.86,
    "fake_1000": 0.90,
    "rldata10000": 0.88,
    "febrl3": 0.9995,
    "febrl4": 0.9995,
}


def print_measures(console: Console, labelled: LabelledSet, results: list[Result]) -> None:
    """One set: a row per contender, those that failed with the reason."""
    table = Table(
        "contender",
        *("precision", "recall", "F1", "B3 precision", "B3 recall", "B3 F1", "seconds", "GiB"),
        title=f"{labelled.name}: {labelled.people.num_rows:,} records",
        title_justify="left",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for result in results:
        cost = (f"{result.seconds:.1f}", f"{result.peak:.2f}")
        if result.quality is None:
            table.add_row(result.contender, *["failed"] * 6, *cost)
            continue
        quality = result.quality
        shares = (quality.precision, quality.recall, quality.f1)
        bcubed = (quality.bcubed_precision, quality.bcubed_recall, quality.bcubed_f1)
        table.add_row(result.contender, *(f"{share:.4f}" for share in (*shares, *bcubed)), *cost)
    console.print(table)
    for result in results:
        if result.failure is not None:
            console.print(f"{result.contender} failed: {result.failure}", markup=False)


def print_against_peers(console: Console, results: dict[str, list[Result]]) -> None:
    """Per set: pairwise F1 of Braid (the first result) and of the best peer, differences, ratios of cost, the bar."""
    table = Table(
        *("set", "Braid F1", "best peer", "its F1", "F1 -", "errors /", "B3 F1 -", "seconds /", "memory /"),
        *("must reach", "bar"),
        title="Braid against the best peer of each set, by pairwise F1 of clusters",
        title_justify="left",
    )
    for column in table.columns:
        column.no_wrap = True
    for name, (braid, *peers) in results.items():
        bar = BARS.get(name)
        reach = "–" if bar is None else f"≥ {bar:.4g}"
        verdict = _verdict(braid, bar)
        best = max((peer for peer in peers if peer.quality is not None), key=lambda peer: peer.quality.f1, default=None)
        own = "failed" if braid.quality is None else f"{braid.quality.f1:.4f}"
        if best is None or best.quality is None:
            table.add_row(name, own, "none finished", *["–"] * 6, reach, verdict)
        elif braid.quality is None:
            table.add_row(name, own, best.contender, f"{best.quality.f1:.4f}", *["–"] * 5, reach, verdict)
        else:
            table.add_row(
                name,
                own,
                best.contender,
                f"{best.quality.f1:.4f}",
                f"{braid.quality.f1 - best.quality.f1:+.4f}",
                _ratio(1 - braid.quality.f1, 1 - best.quality.f1),
                f"{braid.quality.bcubed_f1 - best.quality.bcubed_f1:+.4f}",
                _ratio(braid.seconds, best.seconds),
                _ratio(braid.peak, best.peak),
                reach,
                verdict,
            )
    console.print(table)
    console.print(
        "- is Braid's less the best peer's, / is Braid's over the best peer's; errors are 1 - F1; seconds are of the "
        "whole process, imports included."
    )


def _verdict(braid: Result, bar: float | None) -> str:
    if bar is None:
        return "none set"
    return "met" if braid.quality is not None and braid.quality.f1 >= bar else "NOT met"


def _ratio(own: float, other: float) -> str:
    return f"{own / other:.2f}" if other else "–"
