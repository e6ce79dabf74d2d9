"""Why a customer is in a segment or is not: the published conditions, evaluated over the published traits.

A condition on a trait is dbt's own SQL over `traits`, which here is the customer's published row instead of the table
that the segment was made from; conditions on events were counted at publication. What joins them is told from the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from activation.access.masking import MASK, sees_people
from activation.access.scopes import Scope
from activation.api.reasons import is_personal

# A condition may be about another segment, and that one about a third.
_CONDITIONS: Final = """
    with recursive needed as (
        select %s::text as segment
        union
        select condition.other_segment
        from needed
        inner join activation.segment_conditions as condition on condition.segment = needed.segment
        where condition.other_segment is not null
    )
    select
        segment, position, path, depth, kind, label, expression, seen_expression, other_segment, holds_without
    from activation.segment_conditions
    where segment in (select segment from needed)
    order by segment, position
"""

_CUSTOMER: Final = """
    select
        (select traits from activation.customer_traits where customer_id = %(id)s) as traits,
        (
            select coalesce(jsonb_object_agg(segment || '|' || path, jsonb_build_array(holds, seen)), '{}')
            from activation.counted_events where customer_id = %(id)s
        ) as events,
        exists (
            select 1 from activation.segment_members where segment = %(segment)s and customer_id = %(id)s
        ) as is_member,
        (select coalesce(jsonb_object_agg(trait, type), '{}') from activation.trait_types) as types
"""

_NO_EVENTS: Final = {"times": 0}
_JOINS: Final = ("all", "any", "not")
_TYPE: Final = re.compile(r"[a-z][a-z0-9_ ]*(\(\d+(,\d+)?\))?(\[\])?")

Key = tuple[str, str]


@dataclass(frozen=True)
class _Seen:
    """Whether a condition holds, and the value that it saw."""

    holds: bool
    seen: Any = None


async def explain(
    database: AsyncConnection[DictRow], segment: str, customer_id: str, scopes: frozenset[Scope]
) -> dict[str, Any]:
    """The fields of `models.SegmentExplanation`, for a segment that exists and a customer that lives."""
    rows = await (await database.execute(_CONDITIONS, [segment])).fetchall()
    found = await (await database.execute(_CUSTOMER, {"id": customer_id, "segment": segment})).fetchone()
    assert found is not None  # noqa: S101
    leaves = {
        (row["segment"], row["path"]): _Seen(row["holds_without"], _NO_EVENTS) for row in rows if row["kind"] == "event"
    }
    for key, (holds, seen) in found["events"].items():
        name, _, path = key.partition("|")
        leaves[name, path] = _Seen(holds, seen)
    leaves |= await _evaluated(database, rows, found["traits"] or {}, found["types"])
    if not sees_people(scopes):
        personal = {(row["segment"], row["path"]) for row in rows if is_personal(row["expression"])}
        leaves = {key: _Seen(leaf.holds, MASK) if key in personal else leaf for key, leaf in leaves.items()}
    tree = _Tree(rows, leaves)
    own = [row for row in rows if row["segment"] == segment]
    return {
        "segment": segment,
        "customer_id": customer_id,
        "is_member": found["is_member"],
        "rule_holds": tree.holds((segment, "1")) if own else found["is_member"],
        "failing": [words for row in own if row["depth"] == 0 for words in tree.against(row, wanted=True)],
        "conditions": [
            {
                "path": row["path"],
                "depth": row["depth"],
                "kind": row["kind"],
                "label": row["label"],
                "holds": tree.holds((segment, row["path"])),
                "seen": tree.seen(row),
            }
            for row in own
        ],
    }


async def _evaluated(
    database: AsyncConnection[DictRow], rows: Sequence[DictRow], traits: Mapping[str, Any], types: Mapping[str, str]
) -> dict[Key, _Seen]:
    """The conditions on traits, all in one statement."""
    leaves = [row for row in rows if row["expression"] is not None]
    columns = [(name, kind) for name, kind in sorted(types.items()) if _TYPE.fullmatch(kind)]
    if not leaves or not columns:
        return {}
    query = sql.SQL(
        "select leaf.place, leaf.holds, leaf.seen from jsonb_to_record({traits}) as traits ({columns}) "
        "cross join lateral (values {leaves}) as leaf (place, holds, seen)"
    ).format(
        traits=sql.Literal(Jsonb(dict(traits))),
        columns=sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns
        ),
        leaves=sql.SQL(", ").join(
            sql.SQL("({}, ({}), ({})::jsonb)").format(
                sql.Literal(place), sql.SQL(row["expression"]), sql.SQL(row["seen_expression"] or "null")
            )
            for place, row in enumerate(leaves)
        ),
    )
    # A statement of its own for each customer: nothing to prepare.
    answers = await (await database.execute(query, prepare=False)).fetchall()
    told = {answer["place"]: _Seen(bool(answer["holds"]), answer["seen"]) for answer in answers}
    return {(row["segment"], row["path"]): told[place] for place, row in enumerate(leaves)}


class _Tree:
    """The conditions of some segments, and which of them hold."""

    def __init__(self, rows: Sequence[DictRow], leaves: Mapping[Key, _Seen]) -> None:
        self._rows = {(row["segment"], row["path"]): row for row in rows}
        self._children: dict[Key, list[DictRow]] = {}
        for row in rows:
            parent = row["path"].rpartition(".")[0]
            if parent:
                self._children.setdefault((row["segment"], parent), []).append(row)
        self._known = {key: leaf.holds for key, leaf in leaves.items()}
        self._seen = {key: leaf.seen for key, leaf in leaves.items()}

    def holds(self, key: Key) -> bool:
        """Whether a condition holds; one that nothing is known of does not."""
        if key not in self._known:
            self._known[key] = False  # rules of segments that are about each other would go round for ever
            self._known[key] = self._judge(key)
        return self._known[key]

    def _judge(self, key: Key) -> bool:
        row = self._rows.get(key)
        if row is None:
            return False
        children = [self.holds((child["segment"], child["path"])) for child in self._children.get(key, [])]
        if row["kind"] == "all":
            return all(children)
        if row["kind"] == "any":
            return any(children)
        if row["kind"] == "not":
            return not any(children)
        is_in = self.holds((row["other_segment"], "1")) if row["other_segment"] else False
        return not is_in if row["kind"] == "hold_back" else is_in

    def seen(self, row: DictRow) -> Any:
        """The value that a condition saw; None for what only joins others."""
        if row["kind"] in _JOINS:
            return None
        if row["kind"] in ("segment", "hold_back"):
            return self.holds((row["other_segment"], "1"))
        return self._seen.get((row["segment"], row["path"]))

    def against(self, row: DictRow, *, wanted: bool) -> Iterator[str]:
        """In words, the conditions that would have to be otherwise for this one to come out as wanted."""
        key = (row["segment"], row["path"])
        if self.holds(key) == wanted:
            return
        below = self._children.get(key, [])
        if row["kind"] == "not":
            wanted = not wanted
        if not below:
            yield ("" if wanted else "not ") + f"{row['label']} (seen: {_told(self.seen(row))})"
        for child in below:
            yield from self.against(child, wanted=wanted)


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
