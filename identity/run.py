"""One matching run: everything from nothing, or what a change can reach in a state that remembers the rest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from identity.artifact import FrozenModel
from identity.clustering import Pairs
from identity.columns import one_array
from identity.engines.opening import IN_PROCESS
from identity.engines.protocol import Engine
from identity.identifiers import identifiers_of
from identity.incremental import (
    find_changes,
    find_region,
    keep_chosen,
    keep_components,
    rebuild_features,
    rebuild_pairs,
    take_in,
)
from identity.judgement import Constraints
from identity.learning import learn
from identity.matching import Matched, match
from identity.prepare import SHARABLE
from identity.scoring import Scores
from identity.settings import IdentitySettings
from identity.shared_identifiers import shared_identifiers
from identity.state import MatchState, digest_of, hash_rows, method
from identity.vectors import VectorBuilder


@dataclass(frozen=True)
class Scope:
    """What the tables of a partial resolution replace: the published rows about these records, and no others.

    `records`: `record_id`s whose rows of record_customers, and edges at either end, are replaced; `changed`: those
    whose identifiers are. Records that are gone are among both.
    """

    records: pa.Array
    changed: pa.Array


@dataclass(frozen=True)
class Found:
    """The clusters of all records (`scope` is null) or of those that a change can have reached.

    `identifiers`: those of all records, or of the changed ones; `shared`: all, per `contract.SHARED_IDENTIFIERS`;
    `record_ids`: with a scope, those that the numbers of `matched.outside` stand for.
    """

    matched: Matched
    identifiers: pa.Table
    frozen: FrozenModel
    digest: str
    shared: pa.Table
    scope: Scope | None
    record_ids: pa.Array | None
    was_trained: bool


def run_digest(records_digest: str, judged: Constraints | None, model_id: str) -> str:
    """Everything that clusters depend on: the records, what people judged, the model, the method."""
    said = [] if judged is None else [_digest(judged.together), _digest(judged.apart)]
    return hashlib.sha256(json.dumps([method(), records_digest, said, model_id]).encode()).hexdigest()


def _digest(pairs: pa.Table) -> list[list[str]]:
    return sorted(map(list, zip(pairs["record_id_a"].to_pylist(), pairs["record_id_b"].to_pylist(), strict=True)))


def find_clusters(
    state: MatchState,
    records: pa.Table,
    frozen: FrozenModel | None,
    settings: IdentitySettings,
    judged: Constraints | None,
    *,
    previous: pa.Table | None,
    published: str | None,
    revisit: pa.Array | None,
    progress: Callable[[str], None],
    engine: Engine = IN_PROCESS,
) -> Found:
    """Match `records` (per contract), with a frozen model or one learnt from them.

    `previous` and `published` say what was published last; when the state is of that, only what has changed since, and
    `revisit`, is matched again.
    """
    connection = state.connection
    hash_rows(connection, records)
    records_digest = digest_of(connection, "incoming")
    if frozen is not None and state.fits(frozen.model_id):
        # All of it or nothing: a run that is killed halfway must not leave a state that claims to be in step.
        connection.begin()
        try:
            found = _continue(
                state, records, frozen, judged, records_digest, previous, published, revisit, progress, engine
            )
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
        return found
    progress("reading names, addresses and numbers")
    identifiers = rebuild_features(state, records, settings.default_region)
    was_trained = frozen is None
    if frozen is None:
        progress("learning how people's records agree")
        frozen = learn(connection, settings, records_digest, engine)
        keep_chosen(state, frozen)
    else:
        progress("comparing records")
        rebuild_pairs(state, frozen, engine)
    progress("grouping records")
    return _match_all(state, frozen, judged, records_digest, identifiers, was_trained, engine)


def _match_all(
    state: MatchState,
    frozen: FrozenModel,
    judged: Constraints | None,
    records_digest: str,
    identifiers: pa.Table,
    was_trained: bool,
    engine: Engine,
) -> Found:
    matched = match(
        state.connection,
        frozen,
        engine.builder(state.connection, frozen.model.comparisons) if frozen.model.comparisons else None,
        together=_rids(state.connection, judged.together if judged else None),
        apart=_rids(state.connection, judged.apart if judged else None),
    )
    state.connection.execute("drop table if exists components")
    keep_components(state, matched.rids, matched.components)
    digest = _remember(state, frozen, judged, records_digest)
    shared = shared_identifiers(state.connection, tuple(SHARABLE))
    return Found(matched, identifiers, frozen, digest, shared, None, None, was_trained)


def _continue(
    state: MatchState,
    records: pa.Table,
    frozen: FrozenModel,
    judged: Constraints | None,
    records_digest: str,
    previous: pa.Table | None,
    published: str | None,
    revisit: pa.Array | None,
    progress: Callable[[str], None],
    engine: Engine,
) -> Found:
    connection = state.connection
    in_step = published is not None and published == state.fingerprint.get("digest")
    changes = find_changes(state)
    progress(f"comparing what is new: {changes:,} records")
    connection.register("all_records", records)
    changed = connection.sql(
        "select all_records.* from all_records semi join changes using (record_id)"
    ).to_arrow_table()
    connection.unregister("all_records")
    identifiers = take_in(state, frozen, changed)
    if not in_step:
        progress("grouping records")
        identifiers = identifiers_of(records, frozen.settings.default_region)
        return _match_all(state, frozen, judged, records_digest, identifiers, False, engine)
    _add_seeds(state, judged, revisit)
    find_region(state, previous)
    progress("grouping what it touches")
    connection.execute(
        "create or replace temp table region_features as select * from features semi join region using (rid)"
    )
    matched = match(
        connection,
        frozen,
        VectorBuilder(connection, frozen.model.comparisons, "region_features"),
        region="region",
        together=_rids(connection, judged.together if judged else None),
        apart=_rids(connection, judged.apart if judged else None),
    )
    keep_components(state, matched.rids, matched.components)
    digest = _remember(state, frozen, judged, records_digest)
    scope = Scope(
        _column(connection, "select record_id from scope"), _column(connection, "select record_id from changes")
    )
    ids, outside = _named(connection, matched.outside)
    matched = replace(matched, outside=outside)
    shared = shared_identifiers(connection, tuple(SHARABLE))
    return Found(matched, identifiers, frozen, digest, shared, scope, ids, False)


def _remember(state: MatchState, frozen: FrozenModel, judged: Constraints | None, records_digest: str) -> str:
    digest = run_digest(records_digest, judged, frozen.model_id)
    state.connection.register("judged_now", _judged(judged))
    state.connection.execute("create or replace table judged as select * from judged_now")
    state.connection.unregister("judged_now")
    state.describe(digest=digest, model_id=frozen.model_id)
    return digest


def _judged(judged: Constraints | None) -> pa.Table:
    """`verdict, record_id_a, record_id_b` of what clustering must obey."""
    columns = ("record_id_a", "record_id_b")
    schema = pa.schema([(name, pa.string()) for name in ("verdict", *columns)])
    if judged is None:
        return schema.empty_table()
    said = [
        pa.table([pa.repeat(verdict, pairs.num_rows), *(pairs[name] for name in columns)], schema=schema)
        for verdict, pairs in (("same", judged.together), ("different", judged.apart))
    ]
    return pa.concat_tables(said)


def _add_seeds(state: MatchState, judged: Constraints | None, revisit: pa.Array | None) -> None:
    """Records whose judgements are other ones than before, and those to be planned again, are touched too."""
    connection = state.connection
    connection.register("judged_now", _judged(judged))
    connection.register(
        "to_revisit", pa.table({"record_id": revisit if revisit is not None else pa.array([], pa.string())})
    )
    connection.execute("""
        insert into seeds
        with differing as (
            (select * from judged_now except select * from judged)
            union all (select * from judged except select * from judged_now)
        )
        select rid from records
        where record_id in (
            select record_id_a from differing union select record_id_b from differing union select record_id from
            to_revisit
        )
    """)
    connection.unregister("judged_now")
    connection.unregister("to_revisit")


def _rids(connection: duckdb.DuckDBPyConnection, pairs: pa.Table | None) -> Pairs | None:
    if pairs is None or not pairs.num_rows:
        return None
    connection.register("judged_pairs", pairs)
    found = connection.sql("""
        select a.rid as one, b.rid as other
        from judged_pairs as p
        join records as a on a.record_id = p.record_id_a
        join records as b on b.record_id = p.record_id_b
    """).to_arrow_table()
    connection.unregister("judged_pairs")
    return found["one"].to_numpy(), found["other"].to_numpy()


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Array:
    return one_array(connection.sql(query).to_arrow_table().column(0))


def _named(connection: duckdb.DuckDBPyConnection, scores: Scores) -> tuple[pa.Array, Scores]:
    """The ids of the records of some pairs, and the pairs with places among those ids instead of rids."""
    rids = np.unique(np.concatenate([scores.left, scores.right]))
    connection.register("rids_to_name", pa.table({"rid": rids}))
    ids = _column(connection, "select record_id from records join rids_to_name using (rid) order by rid")
    connection.unregister("rids_to_name")
    left, right = (np.searchsorted(rids, side).astype(np.int32) for side in (scores.left, scores.right))
    return ids, replace(scores, left=left, right=right)
