"""What a preview counts: one compiled rule, run in the warehouse inside a transaction that is rolled back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from activation.audiences.audience import Audience
from activation.audiences.generated import segment_call
from orchestration.warehouse import Transaction


@dataclass(frozen=True)
class Preview:
    """`size`: customers for whom the rule holds; `held_back`: of them, those left out of promotions meanwhile.

    `reach`: per `channel` the customers that are `reachable` and those that are not, by obstacle (audience_reach);
    they add up to the size without those held back. `overlaps`: `segment, shared`. `sample`: `customer_id, reason`.
    """

    size: int
    customers: int
    held_back: int
    reach: list[dict[str, Any]]
    overlaps: list[dict[str, Any]]
    sample: list[dict[str, Any]]


@dataclass(frozen=True)
class PreviewQueries:
    """What dbt compiled: `members` (`customer_id, reason`) by the macro `segment`, `reach` by `audience_reach`."""

    members: str
    reach: str


def preview_template(audience: Audience) -> str:
    """What dbt is to compile for a preview, in one call; `compiled_queries` reads the answer."""
    reach = f"{{{{ audience_reach('{audience.purpose}', {audience.minimum_link_strength}) }}}}"
    return f"{segment_call(audience.where)}\n{_BETWEEN}\n{reach}"


def compiled_queries(answer: str) -> PreviewQueries:
    """The two queries in what dbt made of `preview_template`."""
    members, _, reach = answer.partition(_BETWEEN)
    return PreviewQueries(members, reach)


def preview_figures(
    transaction: Transaction, queries: PreviewQueries, audience: Audience, held_by: Sequence[str]
) -> Preview:
    """Evaluate a rule and count.

    Args:
        transaction: where; a temporary table is made in it.
        queries: what the rule was compiled to.
        audience: for its purpose.
        held_by: the segments whose members get no promotion; only asked of a marketing audience.
    """
    transaction.execute(f"create temporary table previewed on commit drop as {queries.members}")
    transaction.execute(_MEMBERS.format(held_by=_held_by(held_by if audience.purpose == "marketing" else ())))
    totals = transaction.read(_TOTALS).to_pylist()[0]
    reaches_somebody = audience.purpose != "suppression"
    return Preview(
        **totals,
        reach=transaction.read(queries.reach).to_pylist() if reaches_somebody else [],
        overlaps=transaction.read(_OVERLAPS).to_pylist(),
        sample=[row | {"reason": json.loads(row["reason"])} for row in transaction.read(_SAMPLE).to_pylist()],
    )


def _held_by(segments: Sequence[str]) -> str:
    """Who is held back, as SQL; the names have been checked, they are those of models."""
    listed = [f"select customer_id from segments.seg_{segment}" for segment in segments]
    return " union ".join(listed) or "select cast(null as text) as customer_id where false"


_BETWEEN: Final = "-- the reach of these members"

_MEMBERS: Final = """
    create temporary table audience on commit drop as
    select
        previewed.customer_id,
        previewed.reason,
        held.customer_id is not null as is_held_back
    from previewed
    left join ({held_by}) as held on previewed.customer_id = held.customer_id
"""

_TOTALS: Final = """
    select
        count(*) as size,
        (select count(*) from golden.customers) as customers,
        count(*) filter (where is_held_back) as held_back
    from audience
"""

_OVERLAPS: Final = """
    select memberships.segment, count(*) as shared
    from audience
    inner join segments.segment_memberships as memberships on audience.customer_id = memberships.customer_id
    group by memberships.segment
    order by shared desc, memberships.segment
"""

# Ten that say nothing of the order in which customers came, and are the same ten next time.
_SAMPLE: Final = """
    select customer_id, reason::text as reason
    from audience
    where not is_held_back
    order by md5(customer_id), customer_id
    limit 10
"""
