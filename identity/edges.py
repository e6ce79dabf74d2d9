"""Scored pairs as the table of edges: one short pattern each, and what every pattern means in words, once."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from identity.artifact import FrozenModel
from identity.calibration import probability
from identity.contract import EDGE_PATTERNS, EDGES
from identity.model import Model
from identity.scoring import Scores

_NOTHING: Final = "-"


def edge_tables(
    scores: Scores, record_ids: pa.Array, joined: NDArray[np.bool_], frozen: FrozenModel
) -> tuple[pa.Table, pa.Table]:
    """The pairs worth keeping: `contract.EDGES` and the `contract.EDGE_PATTERNS` that they use.

    Args:
        scores: pairs, numbered by the places of `record_ids`.
        record_ids: in any order.
        joined: per pair, whether both records are one customer's. All of those are kept, and others that came near.
        frozen: the model that weighed them.
    """
    kept = joined | (scores.weight >= frozen.settings.kept_edges_from)
    some = scores.subset(kept)
    one, other = record_ids.take(pa.array(some.left)), record_ids.take(pa.array(some.right))
    vectors, which = _distinct(some.gammas)
    patterns = pa.array(
        [".".join(str(gamma) if gamma >= 0 else _NOTHING for gamma in vector) for vector in vectors.tolist()]
    )
    edges = pa.table(
        {
            "record_id_a": one,
            "record_id_b": other,
            "match_weight": np.round(some.weight, 4),
            "match_probability": np.round(probability(some.weight, frozen.calibration), 6),
            "accepted": joined[kept],
            "pattern": patterns.cast(pa.string()).take(pa.array(which)),
        }
    )
    meanings = pa.table(
        {
            "model_id": pa.array([frozen.model_id] * len(vectors), pa.string()),
            "pattern": patterns.cast(pa.string()),
            "evidence": pa.array([_words(frozen.model, vector) for vector in vectors.tolist()], pa.string()),
        }
    )
    return edges.cast(EDGES), meanings.cast(EDGE_PATTERNS)


def ordered(edges: pa.Table) -> pa.Table:
    """Edges with the smaller record_id first, as the contract has it."""
    swapped = pc.greater(edges["record_id_a"], edges["record_id_b"])
    if not pc.any(swapped).as_py():
        return edges
    one, other = edges["record_id_a"], edges["record_id_b"]
    edges = edges.set_column(0, EDGES.field(0), pc.if_else(swapped, other, one))
    return edges.set_column(1, EDGES.field(1), pc.if_else(swapped, one, other))


def _distinct(gammas: NDArray[np.int8]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The different rows, and which of them each row is."""
    if not gammas.size:
        return np.zeros((min(len(gammas), 1), gammas.shape[1]), dtype=np.int8), np.zeros(len(gammas), dtype=np.int64)
    base = int(gammas.max()) + 2
    if base ** gammas.shape[1] >= 2**62:
        distinct, which = np.unique(gammas, axis=0, return_inverse=True)
        return distinct, which.reshape(-1)
    codes = np.zeros(len(gammas), dtype=np.int64)
    for place in range(gammas.shape[1]):
        codes = codes * base + (gammas[:, place].astype(np.int64) + 1)
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    return gammas[first], which


def _words(model: Model, vector: list[int]) -> str:
    """JSON: `{comparison, level, words, weight}` of each comparison that could be made, then the prior.

    Weights are bits of one person against strangers, before the rarity of a value is counted.
    """
    parts: list[dict[str, Any]] = [
        {
            "comparison": comparison.name,
            "level": gamma,
            "words": comparison.words_of(gamma),
            "weight": round(float(model.weight(place)[gamma]), 2),
        }
        for place, (comparison, gamma) in enumerate(zip(model.comparisons, vector, strict=True))
        if gamma >= 0
    ]
    prior = {
        "comparison": "prior",
        "words": "how rarely two random records are one person",
        "weight": round(model.prior_weight, 2),
    }
    return json.dumps([*parts, prior])
