"""Why two records are, or are not, one person: each comparison in words with its weight, as JSON."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.model import Model
from identity.scoring import Scores


def evidence_column(scores: Scores, model: Model) -> pa.Array:
    """One JSON text per pair: a list of `{comparison, level, words, weight}`, then the prior.

    Comparisons with nothing to compare are left out. Weights are bits: 3 makes a match 8 times as likely.
    """
    prior = json.dumps(
        {
            "comparison": "prior",
            "words": "how rarely two random records are one person",
            "weight": round(model.prior_weight, 2),
        }
    )
    parts = [
        _fragments(comparison.name, [comparison.words_of(g) for g in range(comparison.level_count)], scores, place)
        for place, comparison in enumerate(model.comparisons)
    ]
    body = pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="") if parts else None
    if body is None:
        return pa.repeat(f"[{prior}]", len(scores.left))
    return pc.binary_join_element_wise("[", body, f"{prior}]", "")


def _fragments(name: str, words: list[str], scores: Scores, place: int) -> pa.Array:
    """`{...}, ` for each pair that the comparison could compare, empty for the rest."""
    gamma = scores.gammas[:, place].astype(np.int64)
    openings = pa.array(
        [
            json.dumps({"comparison": name, "level": g, "words": text})[:-1] + ', "weight": '
            for g, text in enumerate(words)
        ]
    )
    opening = openings.take(pa.array(np.maximum(gamma, 0)))
    weight = pa.array(np.round(scores.parts[:, place].astype(np.float64), 2)).cast(pa.string())
    fragment = pc.binary_join_element_wise(opening, weight, "}, ", "")
    return pc.if_else(pa.array(gamma >= 0), fragment, "")
