"""Any two records, weighed by the frozen model: for explaining, reviewing and looking up, a few pairs at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.artifact import FrozenModel
from identity.calibration import probability
from identity.columns import conform
from identity.contract import IDENTITY_RECORDS
from identity.explain import evidence_column
from identity.feature_worker import build_features
from identity.prepare import SHARABLE, derive_features
from identity.scoring import Scores, score_vectors
from identity.state import open_state
from identity.term_frequencies import weigh_rarity
from identity.vectors import VectorBuilder


def compare_pairs(records: pa.Table, pairs: pa.Table, frozen: FrozenModel, shared: pa.Table | None = None) -> pa.Table:
    """Weigh pairs of records exactly as a run with this model weighs them.

    Args:
        records: per `contract.IDENTITY_RECORDS`, at least those of the pairs.
        pairs: `record_id_a, record_id_b`.
        frozen: the model.
        shared: `kind, value` of the identifiers that several people use, as published; null: none is.

    Returns:
        `record_id_a, record_id_b, match_weight` (bits), `match_probability, evidence` (JSON: per comparison its
        level, words and weight in bits, rarity included, then the prior), in the order of `pairs`.

    Raises:
        ValueError: if a pair names a record that is not among `records`, or one record twice.
    """
    features = build_features(conform(records, IDENTITY_RECORDS), frozen.settings.default_region).table
    left = pc.index_in(pairs["record_id_a"].combine_chunks(), value_set=features["record_id"].combine_chunks())
    right = pc.index_in(pairs["record_id_b"].combine_chunks(), value_set=features["record_id"].combine_chunks())
    unknown = left.null_count + right.null_count
    if unknown:
        raise ValueError(f"{unknown} records of the pairs are not among the records given")
    one, other = left.to_numpy().astype(np.int32), right.to_numpy().astype(np.int32)
    if (one == other).any():
        raise ValueError("a record cannot be compared with itself")
    low, high = np.minimum(one, other), np.maximum(one, other)
    scores = _score(features, low, high, frozen, shared)
    # Asked for twice, in either direction, a pair is scored once.
    size = len(features)
    place = np.searchsorted(scores.left.astype(np.int64) * size + scores.right, low.astype(np.int64) * size + high)
    found = scores.subset(place)
    return pa.table(
        {
            "record_id_a": pairs["record_id_a"],
            "record_id_b": pairs["record_id_b"],
            "match_weight": found.weight,
            "match_probability": probability(found.weight, frozen.calibration),
            "evidence": evidence_column(found, frozen.model),
        }
    )


def _score(
    features: pa.Table,
    left: np.ndarray[tuple[int], np.dtype[np.int32]],
    right: np.ndarray[tuple[int], np.dtype[np.int32]],
    frozen: FrozenModel,
    shared: pa.Table | None,
) -> Scores:
    with open_state() as state:
        connection = state.connection
        for kind in SHARABLE:
            table = pa.table({"value": pa.array([], pa.string()), "class": pa.array([], pa.string())})
            if shared is not None:
                table = shared.filter(pc.equal(shared["kind"], kind)).select(["value", "class"])
            table = table.append_column("is_shared", pa.repeat(True, table.num_rows))
            connection.register("known", table)
            connection.execute(f"create table {kind}_behaviour as select * from known")
            connection.unregister("known")
        connection.register("standardised", features)
        derive_features(connection, "standardised", "features")
        weigh_rarity(connection, frozen.frequencies)
        pairs = np.unique(np.column_stack([left, right]), axis=0)
        connection.register("wanted", pa.table({"rid_l": pairs[:, 0], "rid_r": pairs[:, 1]}))
        VectorBuilder(connection, frozen.model.comparisons).build("wanted", "vectors")
        return score_vectors(connection, frozen.model, "vectors")
