"""The words that an audience may use: documented traits, kinds of events, segments, destinations.

All of it is read from the yml of the dbt project, which the contract of each model keeps true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

EVENT_KINDS: Final = (
    "order",
    "order_line",
    "checkout",
    "return",
    "ticket",
    "message",
    "note",
    "rating",
    "survey",
    "comment",
    "mention",
    "ad_click",
    "visit",
    "product_view",
    "add_to_cart",
    "call",
    "points",
    "code",
    "campaign_response",
)
"""As the macro segment_event_kinds has them (tests/unit/activation/audiences holds the two together)."""

OPERATORS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("at_least", "at_most", "above", "below", "between", "is", "is_not", "in", "not_in", "known"),
    "text": ("is", "is_not", "in", "not_in", "known"),
    "boolean": ("is", "is_not", "known"),
    "time": (
        "within_days",
        "older_than_days",
        "before",
        "after",
        "anniversary_within_days",
        "anniversary_this_month",
        "known",
    ),
    "list": ("includes", "excludes", "known"),
    "document": ("known",),
}
"""By class of type, as the macro segment_operators has them (held together by the same test)."""

_RELATIONS: Final = {"order": "orders", "order_line": "order_lines"}
_TIMELINE: Final = "touchpoints"
_OTHER_SEGMENT: Final = re.compile(r"\bsegment['\"]?\s*:\s*['\"]?([a-z][a-z0-9_]*)")


class VocabularyMissing(RuntimeError):
    """A file that documents the words is missing or unreadable; the message names it."""


@dataclass(frozen=True)
class Column:
    """A documented column: `kind` is the class of its type (number, text, boolean, time, list, document)."""

    name: str
    data_type: str
    description: str

    @property
    def kind(self) -> str:
        """The class of the type, as the macro segment_class has it."""
        written = self.data_type.lower().strip()
        if written.endswith("[]"):
            return "list"
        if written.startswith("timestamp") or written == "date":
            return "time"
        if written in ("text", "boolean"):
            return written
        return "document" if written.startswith("json") else "number"


@dataclass(frozen=True)
class Vocabulary:
    """`events`: the columns by kind; `segments`: by hand-written segment the segments that its rule names.

    `held_back_by`: the segments whose members get no promotion meanwhile (`holds_back: marketing` in their meta).
    """

    traits: Mapping[str, Column]
    events: Mapping[str, Mapping[str, Column]]
    segments: Mapping[str, frozenset[str]]
    destinations: frozenset[str]
    held_back_by: frozenset[str]


def read_vocabulary(project: Path) -> Vocabulary:
    """Read the words from the dbt project in `project`.

    Raises:
        VocabularyMissing: if a yml that documents them is not there or cannot be read.
    """
    described = {name: _columns(project, name) for name in ("customer_features", *_RELATIONS.values(), _TIMELINE)}
    segments, destinations, held_back_by = {}, set(), set()
    for path in _hand_written(project):
        name, meta = path.stem.removeprefix("seg_"), _meta(path.with_suffix(".yml"))
        segments[name] = frozenset(_OTHER_SEGMENT.findall(path.read_text(encoding="utf-8")))
        destinations |= set(meta.get("destinations", ()))
        if meta.get("holds_back") == "marketing":
            held_back_by.add(name)
    return Vocabulary(
        traits={name: column for name, column in described["customer_features"].items() if name != "customer_id"},
        events={kind: described[_RELATIONS.get(kind, _TIMELINE)] for kind in EVENT_KINDS},
        segments=segments,
        destinations=frozenset(destinations),
        held_back_by=frozenset(held_back_by),
    )


def _hand_written(project: Path) -> list[Path]:
    generated = project / "models" / "segments" / "audiences"
    return [path for path in sorted((project / "models").rglob("seg_*.sql")) if generated not in path.parents]


def _columns(project: Path, model: str) -> dict[str, Column]:
    found = sorted((project / "models").rglob(f"{model}.yml"))
    if not found:
        raise VocabularyMissing(f"{project / 'models'} has no {model}.yml, which documents what a rule may ask")
    for described in _load(found[0]).get("models", ()):
        if described.get("name") == model:
            return {
                column["name"]: Column(
                    column["name"], column.get("data_type", ""), column.get("description", "").strip()
                )
                for column in described.get("columns", ())
            }
    raise VocabularyMissing(f"{found[0]} does not describe {model}")


def _meta(path: Path) -> dict[str, Any]:
    models = _load(path).get("models") or [{}] if path.exists() else [{}]
    meta: dict[str, Any] = models[0].get("config", {}).get("meta", {})
    return meta


def _load(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise VocabularyMissing(f"{path} cannot be read: {type(error).__name__}") from None
    return loaded if isinstance(loaded, dict) else {}
