"""A small vocabulary, and an audience written with it, for the tests of audiences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from activation.audiences.audience import Declared
from activation.audiences.problems import AudienceProblems, Problem
from activation.audiences.reading import check
from activation.audiences.vocabulary import EVENT_KINDS, Column, Vocabulary


def columns(**types: str) -> dict[str, Column]:
    return {name: Column(name, data_type, f"{name}.") for name, data_type in types.items()}


WORDS = Vocabulary(
    traits=columns(
        order_count="bigint",
        lifetime_value="numeric(18, 2)",
        language="text",
        has_email="boolean",
        last_order_at="timestamp with time zone",
        birth_date="date",
        channels="text[]",
        channel_mix="jsonb",
    ),
    events={
        kind: columns(category="text", product_id="text", quantity="bigint", channel="text") for kind in EVENT_KINDS
    },
    segments={"vip": frozenset(), "lapsing": frozenset({"vip"})},
    destinations=frozenset({"file_drop", "zendesk"}),
    held_back_by=frozenset({"waiting"}),
)

HEAD: dict[str, Any] = {
    "label": "Big fans",
    "description": "Fans. Say hello.",
    "owner": "marketing",
    "purpose": "marketing",
    "destinations": ["file_drop"],
    "minimum_link_strength": 0.9,
}


def write(folder: Path, name: str, rule: Any, **fields: Any) -> Path:
    path = folder / f"{name}.yml"
    path.write_text(yaml.safe_dump({**HEAD, **fields, "where": rule}, sort_keys=False))
    return path


def declared(folder: Path, name: str, rule: Any, **fields: Any) -> Declared:
    return check([write(folder, name, rule, **fields)], WORDS)[0]


def problems(folder: Path, rule: Any, **fields: Any) -> list[Problem]:
    return problems_of([write(folder, "fans", rule, **fields)])


def problems_of(files: list[Path]) -> list[Problem]:
    try:
        check(files, WORDS)
    except AudienceProblems as error:
        return list(error.problems)
    return []
