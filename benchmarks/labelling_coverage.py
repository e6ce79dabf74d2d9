"""Do the intervals of precision and recall cover the truth as often as they say? On labelled tables and the sandbox.

`python -m benchmarks.labelling_coverage DIR --people 2000 --seeds 1 2`. Each set is resolved at default settings; then
some hundred samples are drawn from its strata and answered by the truth, and the intervals are compared with it. A
labelled table has the columns `unique_id` and `cluster` (the truth); the samples never see the second.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist

import duckdb
import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.identity_accuracy import labelled, sandboxes
from identity.artifact import load_model
from identity.compare import compare_pairs
from identity.evaluation import Quality, evaluate
from identity.labelling.estimators import UNSEEN
from identity.labelling.frame import MERGED, Stratum, build_frame
from identity.labelling.near_misses import find_near_misses
from identity.labelling.sampling import SampleSettings, allocate
from identity.labelling.score_interval import Counts, bounds
from identity.pipeline import resolve
from identity.settings import IdentitySettings

JUDGED = pa.table({name: pa.array([], pa.string()) for name in ("record_id_a", "record_id_b", "verdict")})
MEASURES = (("precision", "precision", (0.0, 0.0)), ("recall where connected", "recall", (0.0, 0.0)))
MEASURES_OF_ALL = (("recall", "recall", UNSEEN), ("F1", "f1", UNSEEN))


@dataclass(frozen=True)
class World:
    """A clustering, what a sample of it is drawn from, and the truth."""

    customers: pa.Table
    edges: pa.Table
    near: pa.Table
    near_share: float
    threshold: float
    truth: pa.Table
    quality: Quality


@dataclass(frozen=True)
class Known:
    """The strata that estimates are over, how many of their pairs are one person, and the true figures."""

    strata: list[Stratum]
    available: np.ndarray
    same: np.ndarray
    truth: dict[str, float]
    unseen: float


def make_world(records: pa.Table, truth: pa.Table) -> World:
    """Resolve, and score the near misses."""
    found = resolve(
        records, previous=None, ledger=None, run_id="benchmark", now=datetime.now(UTC), settings=IdentitySettings()
    )
    frozen = load_model(found.model)
    edges = found.edges.select(["record_id_a", "record_id_b", "match_weight"])
    near = find_near_misses(records, found.record_customers, edges, default_region="US", seed=1)
    scored = compare_pairs(records, near.pairs, frozen).select(["record_id_a", "record_id_b", "match_weight"])
    quality = evaluate(found.record_customers, truth)
    return World(found.record_customers, edges, scored, near.share, frozen.threshold, truth, quality)


def know(world: World) -> Known:
    """Count the pairs of one person in each stratum."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        strata = build_frame(
            connection, world.customers, world.edges, world.near, world.near_share, JUDGED, world.threshold
        )
        connection.register("people", world.truth)
        rows = connection.execute("""
            select stratum, count(*), count(*) filter (where a.person_id = b.person_id)
            from frame join people as a on a.record_id = record_id_a join people as b on b.record_id = record_id_b
            group by stratum
        """).fetchall()
    counted = {name: (pairs, same) for name, pairs, same in rows}
    used = [stratum for stratum in strata if stratum.kind != "random"]
    available = np.array([counted[stratum.name][0] for stratum in used])
    same = np.array([counted[stratum.name][1] for stratum in used])
    # Of near misses that were sampled, those in the sample stand for all.
    total = same * np.array([stratum.pairs for stratum in used]) / available
    merged = np.array([stratum.kind in MERGED for stratum in used])
    right, missed = total[merged].sum(), total[~merged].sum()
    unseen = (world.quality.true_pairs - right - missed) / max(missed, 1.0)
    quality = world.quality
    truth = {"precision": quality.precision, "recall": quality.recall, "F1": quality.f1}
    return Known(used, available, same, truth | {"recall where connected": right / (right + missed)}, unseen)


def simulate(known: Known, labels: int, level: float, repeats: int) -> dict[str, tuple[float, float]]:
    """Per measure how often its interval covered the truth, and its mean width."""
    settings = SampleSettings(labels=labels)
    sizes = allocate(known.strata, known.available, settings)
    generator = np.random.default_rng(labels)
    same = generator.hypergeometric(known.same, known.available - known.same, sizes, size=(repeats, len(sizes)))
    counts = Counts(
        merged=np.array([stratum.kind in MERGED for stratum in known.strata]),
        pairs=np.array([stratum.pairs for stratum in known.strata]),
        pairs_error=np.array([stratum.pairs_error for stratum in known.strata]),
        answers=np.broadcast_to(sizes.astype(np.float64), same.shape),
        same=same.astype(np.float64),
    )
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    found = {}
    for name, measure, unseen in (*MEASURES, *MEASURES_OF_ALL):
        low, high = bounds(counts, measure, unseen, z)
        covered = (low - 1e-9 <= known.truth[name]) & (known.truth[name] <= high + 1e-9)
        found[name] = (float(covered.mean()), float((high - low).mean()))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="Parquet files with unique_id and cluster")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--labels", type=int, nargs="*", default=[100, 200, 400])
    parser.add_argument("--levels", type=float, nargs="*", default=[0.90, 0.95])
    parser.add_argument("--repeats", type=int, default=300)
    arguments = parser.parse_args()
    console = Console(width=150)
    sets = [*(labelled(arguments.folder) if arguments.folder else []), *sandboxes(arguments.people, arguments.seeds)]
    for name, records, person in sets:
        known = know(make_world(records, person))
        truth = ", ".join(f"{measure} {value:.4f}" for measure, value in known.truth.items())
        table = Table("labels", "level", *(f"{m[0]}: covered, width" for m in (*MEASURES, *MEASURES_OF_ALL)))
        for labels in arguments.labels:
            for level in arguments.levels:
                found = simulate(known, labels, level, arguments.repeats)
                cells = (f"{covered:.3f}  {width:.4f}" for covered, width in found.values())
                table.add_row(str(labels), f"{level:.0%}", *cells)
        console.print(f"{name}: {truth}; missed pairs that nothing connects per other missed pair {known.unseen:.2f}")
        console.print(table)


if __name__ == "__main__":
    main()
