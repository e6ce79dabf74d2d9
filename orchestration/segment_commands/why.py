"""`braid segments why`: why a customer is in a segment, or is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from orchestration.segment_commands.lookup import check_built, customer_meant, rows, say, segment_meant
from orchestration.terminal import load_settings, warehouse_errors
from orchestration.warehouse import Warehouse


@dataclass(frozen=True)
class Condition:
    """One condition of a segment for one customer, as segments.segment_why tells it."""

    path: str
    depth: int
    kind: str
    label: str
    holds: bool
    seen: Any


@dataclass(frozen=True)
class Verdict:
    """Whether a customer is in a segment, by which conditions, parents before children."""

    customer_id: str
    segment: str
    label: str
    conditions: tuple[Condition, ...]
    entered_at: str | None
    entered_because: str | None

    @property
    def rule_holds(self) -> bool:
        """Whether the rule of the segment holds, whoever is held back."""
        return self.conditions[0].holds

    @property
    def is_member(self) -> bool:
        """Whether the rule holds and nothing holds the customer back."""
        return all(condition.holds for condition in self.conditions if condition.depth == 0)

    def failing(self) -> tuple[str, ...]:
        """In words, the conditions that would have to be otherwise for the customer to be in."""
        return tuple(
            words for condition in self.conditions if condition.depth == 0 for words in self._against(condition, True)
        )

    def _against(self, condition: Condition, wanted: bool) -> Iterator[str]:
        if condition.holds == wanted:
            return
        children = [c for c in self.conditions if c.path.rpartition(".")[0] == condition.path]
        if condition.kind == "not":
            wanted = not wanted
        if not children:
            yield ("" if wanted else "not ") + f"{condition.label} (seen: {_told(condition.seen)})"
        for child in children:
            yield from self._against(child, wanted)


def register(app: typer.Typer) -> None:
    """Add `why` to `braid segments`."""
    app.command()(why)


def why(
    customer: Annotated[str, typer.Argument(help="the customer id; one that was merged leads to its successor")],
    segment: Annotated[str, typer.Argument(help="the segment, such as vip")],
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """Why a customer is in a segment, or is not: every condition with the value seen, and which one failed."""
    with warehouse_errors():
        warehouse = Warehouse.open(load_settings())
        check_built(warehouse)
        meant = segment_meant(warehouse, segment)
        verdict = read_verdict(warehouse, customer_meant(warehouse, customer), segment, meant["label"])
    if as_json:
        told = {
            "customer_id": verdict.customer_id,
            "segment": verdict.segment,
            "is_member": verdict.is_member,
            "rule_holds": verdict.rule_holds,
            "failing": verdict.failing(),
            "entered_at": verdict.entered_at,
            "entered_because": verdict.entered_because,
            "conditions": [vars(condition) for condition in verdict.conditions],
        }
        say(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        say("\n".join(verdict_lines(verdict)))


def read_verdict(warehouse: Warehouse, customer_id: str, segment: str, label: str) -> Verdict:
    """The one query that says why: segments.segment_why, and since when from the history."""
    conditions = rows(
        warehouse,
        "select path, depth, kind, label, holds, seen::text as seen from segments.segment_why "
        "where customer_id = $1 and segment = $2 order by position",
        (customer_id, segment),
    )
    since = rows(
        warehouse,
        "select to_char(entered_at at time zone 'UTC', 'YYYY-MM-DD') as entered_at, entered_because "
        "from segments.segment_membership_history where customer_id = $1 and segment = $2 and left_at is null",
        (customer_id, segment),
    )
    return Verdict(
        customer_id,
        segment,
        label,
        tuple(
            Condition(**(row | {"seen": json.loads(row["seen"]) if row["seen"] is not None else None}))
            for row in conditions
        ),
        since[0]["entered_at"] if since else None,
        since[0]["entered_because"] if since else None,
    )


def verdict_lines(verdict: Verdict) -> list[str]:
    """The verdict as text: a sentence, then the tree with ticks and the values seen."""
    lines = [_sentence(verdict), ""]
    for condition in verdict.conditions:
        seen = f"  (seen: {_told(condition.seen)})" if condition.kind not in ("all", "any", "not") else ""
        lines.append(f"{'  ' * condition.depth}{'✓' if condition.holds else '✗'} {condition.label}{seen}")
    failing = verdict.failing()
    return [*lines, "", "What would have to be otherwise:", *(f"  {words}" for words in failing)] if failing else lines


def _sentence(verdict: Verdict) -> str:
    if verdict.is_member:
        since = f", since {verdict.entered_at} ({verdict.entered_because})" if verdict.entered_at else ""
        return f"{verdict.customer_id} is in {verdict.label}{since}."
    if verdict.rule_holds:
        return f"{verdict.customer_id} would be in {verdict.label}, but gets no promotion meanwhile:"
    return f"{verdict.customer_id} is not in {verdict.label}."


def _told(seen: Any) -> str:
    if seen is None:
        return "not known"
    if isinstance(seen, bool):
        return "yes" if seen else "no"
    if isinstance(seen, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_told(value)}" for name, value in seen.items()) or "nothing"
    if isinstance(seen, list):
        return ", ".join(_told(value) for value in seen) or "none"
    return str(seen)
