"""The frozen model as JSON: what was learnt, from what, with which settings; never loaded against other features."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import numpy as np

from identity.comparison_catalogue import EVERY_COMPARISON
from identity.comparisons import Comparison
from identity.model import RIVALS, Model
from identity.settings import IdentitySettings

FORMAT: Final = 1


class ModelMismatch(ValueError):
    """The artefact was made by other comparisons than those at hand; train again."""


def feature_hash(comparisons: tuple[Comparison, ...]) -> str:
    """Digest of the comparisons: names, conditions and order of their levels."""
    text = json.dumps([[c.name, c.null_sql, [[level.words, level.sql] for level in c.levels]] for c in comparisons])
    return hashlib.sha256(text.encode()).hexdigest()


def dump_model(model: Model, settings: IdentitySettings, training_digest: str) -> str:
    """The model as JSON text with sorted keys, the same for the same model."""
    comparisons = [
        {
            "name": comparison.name,
            "levels": [
                {
                    "words": comparison.words_of(gamma),
                    "m": float(f"{model.m[place][gamma]:.6g}"),
                    "u": float(f"{model.u[place][gamma]:.6g}"),
                    **{
                        rival.name: float(f"{model.rivals[index][place][gamma]:.6g}")
                        for index, rival in enumerate(RIVALS)
                    },
                }
                for gamma in range(comparison.level_count)
            ],
        }
        for place, comparison in enumerate(model.comparisons)
    ]
    content: dict[str, Any] = {
        "format": FORMAT,
        "feature_hash": feature_hash(model.comparisons),
        "settings": settings.model_dump(),
        "training_digest": training_digest,
        "prior": float(f"{model.prior:.6g}"),
        "rival_priors": {
            rival.name: float(f"{share:.6g}") for rival, share in zip(RIVALS, model.rival_priors, strict=False)
        },
        "comparisons": comparisons,
    }
    return json.dumps(content, sort_keys=True)


def load_model(text: str) -> Model:
    """Read what `dump_model` wrote.

    Raises:
        ModelMismatch: if the comparisons of today differ from those that it was trained with.
    """
    content = json.loads(text)
    by_name = {comparison.name: comparison for comparison in EVERY_COMPARISON}
    names = [entry["name"] for entry in content.get("comparisons", [])]
    unknown = [name for name in names if name not in by_name]
    comparisons = tuple(by_name[name] for name in names if name in by_name)
    if content.get("format") != FORMAT or unknown or feature_hash(comparisons) != content["feature_hash"]:
        raise ModelMismatch("the model was trained with other comparisons than this version has; train a new one")
    levels = [entry["levels"] for entry in content["comparisons"]]
    return Model(
        comparisons,
        tuple(np.array([level["m"] for level in entry]) for entry in levels),
        tuple(np.array([level["u"] for level in entry]) for entry in levels),
        tuple(tuple(np.array([level[rival.name] for level in entry]) for entry in levels) for rival in RIVALS),
        content["prior"],
        tuple(content["rival_priors"][rival.name] for rival in RIVALS),
    )
