"""Source records to customers: match, plan what that changes, and give each customer its permanent id."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.artifact import load_model
from identity.columns import conform, one_array
from identity.components import Floats, Labels
from identity.contract import CUSTOMER_LEDGER, IDENTITY_RECORDS, RECORD_CUSTOMERS
from identity.edges import edge_tables, ordered
from identity.engines.opening import open_engine
from identity.judgement import constraints
from identity.plan import Plan, make_plan
from identity.plan_bounds import Bounds
from identity.plan_facts import Facts
from identity.run import Found, Scope, find_clusters, run_digest
from identity.settings import IdentitySettings
from identity.state import MatchState, digest_of, hash_rows, open_state
from identity.summary import summary

Progress = Callable[[str], None]
"""Is told, in a few words, what is being done now."""


@dataclass(frozen=True)
class Resolution:
    """What a run found; tables per `identity.contract`.

    `record_customers`, `edges` and `identifiers` are complete, or what `scope` says; `shared_identifiers` always are.
    `edge_patterns` explain the edges; `ledger_events` are to be appended to the ledger; `plan` says what changes and
    what is held back; `model` is the frozen artefact (JSON); `input_digest` what the result depends on; `summary` holds
    figures for people and for asset metadata.
    """

    record_customers: pa.Table
    edges: pa.Table
    edge_patterns: pa.Table
    identifiers: pa.Table
    shared_identifiers: pa.Table
    ledger_events: pa.Table
    plan: Plan
    model: str
    model_id: str
    input_digest: str
    scope: Scope | None
    summary: dict[str, int | float | str]


def resolve(
    records: pa.Table,
    *,
    previous: pa.Table | None,
    ledger: pa.Table | None,
    run_id: str,
    now: datetime,
    settings: IdentitySettings,
    model: str | None = None,
    judgements: pa.Table | None = None,
    bounds: Bounds | None = None,
    decisions: pa.Table | None = None,
    facts: Facts | None = None,
    state: MatchState | None = None,
    published: str | None = None,
    revisit: pa.Array | None = None,
    progress: Progress | None = None,
) -> Resolution:
    """Group records into customers. The same records give the same answer in any order of rows.

    Args:
        records: per `contract.IDENTITY_RECORDS`; optional columns may be missing.
        previous: `record_id, customer_id` as the last run published them; null on the first run.
        ledger: every ledger event so far; null on the first run.
        run_id: written to the ledger's new events.
        now: written to the ledger's new events; with a time zone.
        settings: the defaults need no thought.
        model: a frozen artefact; null trains a new one, as does one that was trained with other settings.
        judgements: per `contract.JUDGEMENTS`, all of them; they are obeyed.
        bounds: what a run may do without being asked; see `plan_bounds`.
        decisions: per `contract.CHANGE_DECISIONS`, all of them.
        facts: what the caller knows of records and customers that bounds and the blast radius need.
        state: what matching remembers between runs; with it, only what a change can reach is matched again.
        published: `input_digest` of the run that was published last; when the state is of that run, the result is
            partial (see `Scope`).
        revisit: `record_id`s to be planned again although nothing about them changed: those of changes held back.
        progress: is told what is being done.

    Raises:
        ValueError: if `records` does not fit the contract or repeats a `record_id`.
        ModelMismatch: if `model` was made by another version.
        EngineError: if what the engine of `settings` needs is not installed.
    """
    tell = progress or (lambda _: None)
    records = conform(records, IDENTITY_RECORDS)
    _refuse_repeats(records)
    ledger = conform(ledger, CUSTOMER_LEDGER) if ledger is not None else None
    frozen = load_model(model) if model is not None else None
    judged = constraints(judgements, records["record_id"].combine_chunks()) if judgements is not None else None
    if frozen is not None and (not frozen.settings.learns_as(settings) or not frozen.model.comparisons):
        frozen = None  # what it learnt depends on them, or it met too little to learn anything
    with nullcontext(state) if state is not None else open_state() as held, open_engine(settings.engine) as engine:
        found = find_clusters(
            held,
            records,
            frozen,
            settings,
            judged,
            previous=previous,
            published=published,
            revisit=revisit,
            progress=tell,
            engine=engine,
        )
    tell("deciding which customers the clusters are")
    strengths = found.matched.strengths_in(found.matched.labels, found.frozen.calibration)
    plan = make_plan(
        pa.table(
            {
                "record_id": found.matched.record_ids,
                "cluster": found.matched.labels,
                "link_strength": strengths,
            }
        ),
        previous,
        ledger,
        run_id=run_id,
        now=now,
        bounds=bounds,
        decisions=decisions,
        judgements=judged,
        facts=facts,
        scope=found.scope.records if found.scope is not None else None,
    )
    return _resolution(found, plan, strengths)


def input_digest(records: pa.Table, judgements: pa.Table | None = None, model: str | None = None) -> str:
    """A digest of everything that clusters depend on; the order of rows and of values in a list does not matter.

    Equal to the `input_digest` of the resolution of the same records, judgements and model (JSON), so that a caller can
    tell that there is nothing to resolve.
    """
    records = conform(records, IDENTITY_RECORDS)
    judged = constraints(judgements, records["record_id"]) if judgements is not None else None
    model_id = hashlib.sha256(model.encode()).hexdigest()[:16] if model is not None else ""
    with open_state() as state:
        hash_rows(state.connection, records)
        return run_digest(digest_of(state.connection, "incoming"), judged, model_id)


def _refuse_repeats(records: pa.Table) -> None:
    counts = records["record_id"].value_counts().field("counts")
    repeated = pc.sum(pc.greater(counts, 1), min_count=0).as_py()
    if repeated:
        raise ValueError(f"{repeated} record_ids occur more than once; identity needs one row per source record")


def _resolution(found: Found, plan: Plan, strengths: Floats) -> Resolution:
    matched, frozen = found.matched, found.frozen
    customers = one_array(plan.assignment.customers["customer_id"])  # sorted by record_id, as the records are
    labels = _codes(customers)
    if not _same_groups(labels, matched.labels):
        strengths = matched.strengths_in(labels, frozen.calibration)
    joined = labels[matched.scores.left] == labels[matched.scores.right]
    edges, patterns = edge_tables(matched.scores, matched.record_ids, joined, frozen)
    if found.record_ids is not None:
        apart = np.zeros(len(matched.outside.left), dtype=np.bool_)
        more, more_patterns = edge_tables(matched.outside, found.record_ids, apart, frozen)
        edges = pa.concat_tables([edges, more])
        patterns = pa.concat_tables([patterns, more_patterns])
        patterns = patterns.group_by(patterns.column_names).aggregate([]).cast(patterns.schema)
    record_customers = pa.table(
        {"record_id": matched.record_ids, "customer_id": customers, "link_strength": strengths}
    ).cast(RECORD_CUSTOMERS)
    return Resolution(
        record_customers=record_customers,
        edges=ordered(edges),
        edge_patterns=patterns,
        identifiers=found.identifiers,
        shared_identifiers=found.shared,
        ledger_events=plan.assignment.events,
        plan=plan,
        model=frozen.text,
        model_id=frozen.model_id,
        input_digest=found.digest,
        scope=found.scope,
        summary=summary(record_customers, edges, found, plan),
    )


def _codes(column: pa.Array) -> Labels:
    return np.asarray(column.dictionary_encode().indices, dtype=np.int64)


def _same_groups(one: Labels, other: Labels) -> bool:
    pairs = np.unique(one * (int(other.max(initial=0)) + 1) + other)
    return len(pairs) == len(np.unique(one)) == len(np.unique(other))
