"""The frozen model as JSON: what was learnt, from what, with which settings; never loaded against other features."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from identity.blocking import RULES_BY_NAME, CountedRule
from identity.blocking_rules import BlockingRule
from identity.calibration import Calibration, read_calibration
from identity.comparison_catalogue import EVERY_COMPARISON
from identity.comparisons import Comparison
from identity.model import RIVALS, Model
from identity.settings import IdentitySettings
from identity.term_frequencies import TermFrequencies

FORMAT: Final = 4


class ModelMismatch(ValueError):
    """The artefact was made by other features, comparisons or blocking rules than those at hand; train again."""


@dataclass(frozen=True)
class FrozenModel:
    """Everything that decides whether records are one person, but for the records and people's judgements.

    `training_digest` says what it was learnt from, `records` how many those were; `calibration` what people's answers
    said of its probabilities, when somebody has adopted that.
    """

    model: Model
    rules: tuple[CountedRule, ...]
    frequencies: tuple[TermFrequencies, ...]
    threshold: float
    settings: IdentitySettings
    training_digest: str
    records: int
    calibration: Calibration | None = None

    @cached_property
    def text(self) -> str:
        """The model as JSON with sorted keys, the same for the same model."""
        return dump_model(self)

    @cached_property
    def model_id(self) -> str:
        """A digest of the whole."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def frozen(self) -> FrozenModel:
        """The model as it will be read from its JSON: the run that trains it uses it as all later runs will."""
        return load_model(self.text)


def feature_hash(comparisons: tuple[Comparison, ...], rules: tuple[BlockingRule, ...]) -> str:
    """Digest of the comparisons (names, conditions and order of their levels) and of the blocking rules."""
    levels = [
        [c.name, c.null_sql, [[level.words, level.sql, level.frequency] for level in c.levels]] for c in comparisons
    ]
    keys = [[rule.name, rule.key, rule.sought_by, rule.seeking_key] for rule in rules]
    return hashlib.sha256(json.dumps([levels, keys]).encode()).hexdigest()


def dump_model(frozen: FrozenModel) -> str:
    """The model as JSON text with sorted keys, the same for the same model."""
    model = frozen.model
    comparisons = [
        {
            "name": comparison.name,
            "levels": [
                {
                    "words": comparison.words_of(gamma),
                    "m": _digits(model.m[place][gamma]),
                    "u": _digits(model.u[place][gamma]),
                    **{rival.name: _digits(model.rivals[index][place][gamma]) for index, rival in enumerate(RIVALS)},
                }
                for gamma in range(comparison.level_count)
            ],
        }
        for place, comparison in enumerate(model.comparisons)
    ]
    content: dict[str, Any] = {
        "format": FORMAT,
        "feature_hash": feature_hash(model.comparisons, tuple(counted.rule for counted in frozen.rules)),
        "settings": frozen.settings.model_dump(),
        "training_digest": frozen.training_digest,
        "records": frozen.records,
        "threshold": frozen.threshold,
        "prior": _digits(model.prior),
        "rival_priors": {rival.name: _digits(share) for rival, share in zip(RIVALS, model.rival_priors, strict=False)},
        "comparisons": comparisons,
        "blocking_rules": [
            {
                "name": counted.rule.name,
                "pairs": counted.pairs,
                "largest_block": counted.largest_block,
                "values_left_out": counted.values_left_out,
            }
            for counted in frozen.rules
        ],
        "term_frequencies": [
            {
                "column": frequency.column,
                "rare": frequency.rare,
                # Digests, never values: the model is no place for anybody's name or address.
                "keys": [f"{key:x}" for key in frequency.keys.tolist()],
                "bits": frequency.bits.tolist(),
            }
            for frequency in frozen.frequencies
        ],
    }
    if frozen.calibration is not None:
        content["calibration"] = frozen.calibration.as_json()
    return json.dumps(content, sort_keys=True)


def _digits(value: float) -> float:
    return float(f"{value:.6g}")


def load_model(text: str) -> FrozenModel:
    """Read what `dump_model` wrote.

    Raises:
        ModelMismatch: if the text is no such model, or its comparisons or blocking rules are not those of today.
    """
    try:
        content = json.loads(text)
        if content.get("format") != FORMAT:
            raise ModelMismatch(
                f"the model has format {content.get('format')}, this version reads {FORMAT}; train a new one"
            )
        by_name = {comparison.name: comparison for comparison in EVERY_COMPARISON}
        comparisons = tuple(by_name[entry["name"]] for entry in content["comparisons"])
        rules = tuple(
            CountedRule(RULES_BY_NAME[entry.pop("name")], **entry) for entry in map(dict, content["blocking_rules"])
        )
        if feature_hash(comparisons, tuple(counted.rule for counted in rules)) != content["feature_hash"]:
            raise ModelMismatch("the model was trained with other comparisons than this version has; train a new one")
        levels = [entry["levels"] for entry in content["comparisons"]]
        model = Model(
            comparisons,
            tuple(np.array([level["m"] for level in entry]) for entry in levels),
            tuple(np.array([level["u"] for level in entry]) for entry in levels),
            tuple(
                tuple(np.array([level[rival.name] for level in entry]) for entry in levels)
                for rival in RIVALS
                if rival.name in content["rival_priors"]
            ),
            content["prior"],
            tuple(content["rival_priors"][rival.name] for rival in RIVALS if rival.name in content["rival_priors"]),
        )
        frequencies = tuple(
            TermFrequencies(
                entry["column"],
                np.array([int(key, 16) for key in entry["keys"]], dtype=np.uint64),
                np.array(entry["bits"], dtype=np.float64),
                entry["rare"],
            )
            for entry in content["term_frequencies"]
        )
        return FrozenModel(
            model,
            rules,
            frequencies,
            content["threshold"],
            IdentitySettings.model_validate(content["settings"]),
            content["training_digest"],
            content["records"],
            read_calibration(content["calibration"]) if "calibration" in content else None,
        )
    except ModelMismatch:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelMismatch(
            f"this is no model that this version can read ({type(error).__name__}: {error}); train a new one"
        ) from error
