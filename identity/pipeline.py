"""Source records to customers: standardise, block, train, score, cluster, and give each customer its permanent id."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.artifact import dump_model, feature_hash
from identity.blocking import block, count_rules
from identity.chance import estimate_chance
from identity.clustering import cluster
from identity.columns import conform
from identity.comparison_catalogue import EVERY_COMPARISON, choose_comparisons, stand_ins
from identity.completion import complete
from identity.components import Labels, link_strengths
from identity.contract import CUSTOMER_LEDGER, EDGES, IDENTITY_RECORDS, RECORD_CUSTOMERS
from identity.customer_id import Assignment, assign
from identity.explain import evidence_column
from identity.features import Features, build_features
from identity.model import Model
from identity.prepare import load_features
from identity.scoring import Scorer, Scores
from identity.settings import IdentitySettings
from identity.training import read_patterns, train
from identity.vectors import VectorBuilder

# Raised whenever the same records could come out otherwise, so that an unchanged input is resolved again.
METHOD_VERSION: Final = 1

_CONTRADICTION: Final = -10.0


@dataclass(frozen=True)
class Resolution:
    """What a run found; tables per `identity.contract`.

    `ledger_events` are to be appended to the ledger; `model` is the frozen artefact (JSON); `summary` holds figures
    for people and for asset metadata.
    """

    record_customers: pa.Table
    edges: pa.Table
    identifiers: pa.Table
    ledger_events: pa.Table
    model: str
    summary: dict[str, int | float | str]


@dataclass(frozen=True)
class _Matched:
    labels: Labels
    strengths: np.ndarray[tuple[int], np.dtype[np.float64]]
    scores: Scores
    model: Model
    rules: list[str]


def resolve(
    records: pa.Table,
    *,
    previous: pa.Table | None,
    ledger: pa.Table | None,
    run_id: str,
    now: datetime,
    settings: IdentitySettings,
) -> Resolution:
    """Group records into customers. The same records give the same answer in any order of rows.

    Args:
        records: per `contract.IDENTITY_RECORDS`; optional columns may be missing.
        previous: `record_id, customer_id` as the last run published them; null on the first run.
        ledger: every ledger event so far; null on the first run.
        run_id: written to the ledger's new events.
        now: written to the ledger's new events; with a time zone.
        settings: the defaults need no thought.

    Raises:
        ValueError: if `records` does not fit the contract or repeats a `record_id`.
    """
    records = conform(records, IDENTITY_RECORDS)
    _refuse_repeats(records)
    features = build_features(records, settings.default_region)
    matched = _match(features, settings)
    record_ids = features.table["record_id"]
    assignment = assign(
        pa.table({"record_id": record_ids, "cluster": matched.labels}),
        previous,
        conform(ledger, CUSTOMER_LEDGER) if ledger is not None else None,
        run_id=run_id,
        now=now,
    )
    customers = pa.table(
        {
            "record_id": record_ids,
            "customer_id": assignment.customers["customer_id"],
            "link_strength": matched.strengths,
        }
    ).cast(RECORD_CUSTOMERS)
    edges = _edges(matched, features, settings)
    return Resolution(
        record_customers=customers,
        edges=edges,
        identifiers=features.identifiers,
        ledger_events=assignment.events,
        model=dump_model(matched.model, settings, input_digest(records, settings)),
        summary=_summary(customers, edges, features, assignment, matched),
    )


def input_digest(records: pa.Table, settings: IdentitySettings) -> str:
    """A digest of everything that a result depends on; the order of rows and of values in a list does not matter."""
    records = conform(records, IDENTITY_RECORDS)
    with duckdb.connect() as connection:
        connection.register("records", records)
        columns = ", ".join(
            f"list_sort({field.name}) as {field.name}" if pa.types.is_list(field.type) else f"{field.name}"
            for field in IDENTITY_RECORDS
        )
        ((count, total),) = connection.execute(
            f"select count(*), coalesce(sum(hash(row)::hugeint), 0)::text from (select {columns} from records) as row"
        ).fetchall()
    known = [METHOD_VERSION, count, total, feature_hash(EVERY_COMPARISON), settings.model_dump_json()]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def _refuse_repeats(records: pa.Table) -> None:
    counts = records["record_id"].value_counts().field("counts")
    repeated = pc.sum(pc.greater(counts, 1), min_count=0).as_py()
    if repeated:
        raise ValueError(f"{repeated} record_ids occur more than once; identity needs one row per source record")


def _match(features: Features, settings: IdentitySettings) -> _Matched:
    count = features.table.num_rows
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        load_features(connection, features.table)
        comparisons = choose_comparisons(*_fill(connection))
        if count < 2 or not comparisons:
            return _nothing_to_match(count)
        rules = count_rules(
            connection, pairs_per_record=settings.pairs_per_record, largest_block=settings.largest_block
        )
        if not rules:
            return _nothing_to_match(count)
        block(connection, rules)
        builder = VectorBuilder(connection, comparisons)
        builder.build("pairs", "vectors", keep="rules")
        model = train(
            read_patterns(connection, comparisons, "vectors"),
            estimate_chance(connection, builder, comparisons),
            comparisons,
            rules,
            count * (count - 1) / 2,
        )
        scorer = Scorer(connection, model)
        scores = complete(connection, builder, scorer, scorer.score("vectors"), count)
    labels = cluster(
        count,
        scores,
        model.prior_weights,
        stand_ins(comparisons),
        contradictions(scores, model),
        settings.threshold,
    )
    strengths = link_strengths(count, scores.left, scores.right, scores.weight, labels)
    return _Matched(labels, strengths, scores, model, [counted.rule.name for counted in rules])


def _nothing_to_match(count: int) -> _Matched:
    nothing = np.empty(0, dtype=np.int32)
    empty = np.empty((0, 0), np.float32)
    scores = Scores(nothing, nothing, empty, (), np.empty(0), empty.astype(np.int8))
    return _Matched(np.arange(count), np.ones(count), scores, Model((), (), (), (), 0.5, ()), [])


def _fill(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], dict[str, int]]:
    """Per feature column, how many rows hold a value and about how many values there are."""
    columns = [str(row[0]) for row in connection.execute("describe features").fetchall()]
    figures = ", ".join(f"count({column}), approx_count_distinct({column})" for column in columns)
    row = connection.execute(f"select {figures} from features").fetchall()[0]
    return dict(zip(columns, row[::2], strict=True)), dict(zip(columns, row[1::2], strict=True))


def contradictions(scores: Scores, model: Model) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Pairs that no other evidence may put together: given names that differ and birth dates that differ.

    Only where the model has learnt that one person's records hardly ever differ in both: in data full of errors a
    contradiction proves little.
    """
    names = [comparison.name for comparison in model.comparisons]
    if "given_name" not in names or "birth_date" not in names:
        return np.zeros(len(scores.left), dtype=np.bool_)
    given, birth = names.index("given_name"), names.index("birth_date")
    if model.weight(given)[0] + model.weight(birth)[0] > _CONTRADICTION:
        return np.zeros(len(scores.left), dtype=np.bool_)
    return np.asarray((scores.gammas[:, given] == 0) & (scores.gammas[:, birth] == 0))


def _edges(matched: _Matched, features: Features, settings: IdentitySettings) -> pa.Table:
    scores = matched.scores
    joined = matched.labels[scores.left] == matched.labels[scores.right]
    # Within a customer every compared pair is kept, between customers those that came near.
    kept = joined | (scores.weight >= settings.kept_edges_from)
    some = scores.subset(kept)
    ids = features.table["record_id"].combine_chunks()
    weight = some.weight
    return pa.table(
        {
            "record_id_a": ids.take(pa.array(some.left)),
            "record_id_b": ids.take(pa.array(some.right)),
            "match_weight": np.round(weight, 4),
            "match_probability": np.round(1.0 / (1.0 + np.exp2(-np.clip(weight, -60, 60))), 6),
            "accepted": joined[kept],
            "evidence": evidence_column(some, matched.model),
        }
    ).cast(EDGES)


def _summary(
    customers: pa.Table, edges: pa.Table, features: Features, assignment: Assignment, matched: _Matched
) -> dict[str, int | float | str]:
    sizes = customers["customer_id"].value_counts().field("counts")
    happened = _event_counts(assignment.events)
    records = customers.num_rows
    accepted = pc.sum(features.identifiers["is_valid"], min_count=0).as_py()
    return {
        "records": records,
        "customers": len(sizes),
        "records_per_customer": round(records / len(sizes), 3) if len(sizes) else 0.0,
        "largest_customer": pc.max(sizes).as_py() or 0,
        "records_alone": pc.sum(pc.equal(sizes, 1), min_count=0).as_py(),
        "pairs_compared": len(matched.scores.left),
        "edges_kept": edges.num_rows,
        "identifiers": features.identifiers.num_rows,
        "identifiers_rejected": features.identifiers.num_rows - accepted,
        "comparisons": ", ".join(comparison.name for comparison in matched.model.comparisons),
        "blocking_rules": ", ".join(matched.rules),
        **{f"ids_{event}": happened.get(event, 0) for event in ("minted", "revived", "split", "merged", "retired")},
        "records_seen_before": assignment.seen_before,
        "records_that_kept_their_id": assignment.kept,
        "id_stability": round(assignment.stability, 6),
    }


def _event_counts(events: pa.Table) -> dict[str, int]:
    return {row["values"]: row["counts"] for row in events["event"].value_counts().to_pylist()}
