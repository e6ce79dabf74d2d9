"""A plan in words: figures and tables without personal data, for asset metadata, checks and the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

SHOWN: Final = 20
"""Changes that a table shows; the rest is counted."""

HEADINGS: Final = ("change", "kind", "customers before", "customers after", "records", "reasons", "held by")


def one_line(change: Mapping[str, Any]) -> tuple[str, ...]:
    """Under `HEADINGS`, a change per `contract.PLAN_CHANGES`: ids, figures and the names of reasons and bounds.

    What a steward wrote is left out: it may name a person.
    """
    return (
        change["change_id"],
        change["kind"],
        _some(change["former_customer_ids"]) or "none",
        _some(change["customer_ids"]) or "none",
        f"{change['records']:,}",
        ", ".join(change["reasons"]),
        ", ".join(dict.fromkeys(words.partition(":")[0] for words in change["held_because"])),
    )


def largest(changes: pa.Table, count: int = SHOWN) -> list[dict[str, Any]]:
    """The first rows per `contract.PLAN_CHANGES`: what is held, then what touches most customers and records."""
    order = [
        ("held", "descending"),
        ("customers_merged", "descending"),
        ("records_moved", "descending"),
        ("records", "descending"),
        ("change_id", "ascending"),
    ]
    rows: list[dict[str, Any]] = changes.sort_by(order).slice(0, count).to_pylist()
    return rows


def markdown(changes: pa.Table) -> str:
    """The largest changes as a Markdown table."""
    if not len(changes):
        return "Nothing changes for the customers there were."
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(one_line, largest(changes))]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    more = len(changes) - SHOWN
    return table + (f"\n\n… and {more:,} more: `braid identity plan`" if more > 0 else "")


def downstream(change: Mapping[str, Any]) -> str:
    """Where the former customers of a change are in use, in a few words."""
    known = json.loads(change["facts"])
    return "; ".join(
        f"{name.replace('_', ' ')}: {_some(value) if isinstance(value, list) else value}"
        for name, value in sorted(known.items())
        if value
    )


def _some(values: list[str]) -> str:
    shown = ", ".join(values[:3])
    return shown if len(values) <= 3 else f"{shown} and {len(values) - 3:,} more"
