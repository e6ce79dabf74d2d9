"""What a preview counts: one compiled rule, run in the warehouse inside a transaction that is rolled back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from activation.audiences.audience import Audience
from orchestration.warehouse import Transaction


@dataclass(frozen=True)
class Preview:
    """`size`: customers for whom the rule holds; `held_back`: of them, those left out of promotions meanwhile.

    `reach`: per channel `channel, reachable, refused, unasked, no_contact, weak_link`, in customers; they add up to the
    size without those held back. `overlaps`: `segment, shared`. `sample`: `customer_id, reason`.
    """

    size: int
    customers: int
    held_back: int
    reach: list[dict[str, Any]]
    overlaps: list[dict[str, Any]]
    sample: list[dict[str, Any]]


def preview_figures(transaction: Transaction, members_sql: str, audience: Audience, held_by: Sequence[str]) -> Preview:
    """Evaluate a rule and count.

    Args:
        transaction: where; a temporary table is made in it.
        members_sql: what the macro `segment` compiled the rule to (`customer_id, reason`).
        audience: for its purpose and least link strength.
        held_by: the segments whose members get no promotion; only asked of a marketing audience.
    """
    transaction.execute(f"create temporary table previewed on commit drop as {members_sql}")
    transaction.execute(_MEMBERS.format(held_by=_held_by(held_by if audience.purpose == "marketing" else ())))
    totals = transaction.read(_TOTALS).to_pylist()[0]
    channels = (
        []
        if audience.purpose == "suppression"
        else transaction.read(_REACH, (audience.purpose == "marketing", audience.minimum_link_strength)).to_pylist()
    )
    return Preview(
        **totals,
        reach=channels,
        overlaps=transaction.read(_OVERLAPS).to_pylist(),
        sample=[row | {"reason": json.loads(row["reason"])} for row in transaction.read(_SAMPLE).to_pylist()],
    )


def _held_by(segments: Sequence[str]) -> str:
    """Who is held back, as SQL; the names have been checked, they are those of models."""
    listed = [f"select customer_id from segments.seg_{segment}" for segment in segments]
    return " union ".join(listed) or "select cast(null as text) as customer_id where false"


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

# As the gate of every destination decides (activation.consent): a promotion needs a granted consent of the channel, a
# text message no refused call either; a service message needs a way to reach the person.
_REACH: Final = """
    select
        channel,
        count(*) filter (where verdict is null) as reachable,
        count(*) filter (where verdict = 'refused') as refused,
        count(*) filter (where verdict = 'unasked') as unasked,
        count(*) filter (where verdict = 'no_contact') as no_contact,
        count(*) filter (where verdict = 'weak_link') as weak_link
    from (
        select
            channels.channel,
            case
                when customers.link_strength < $2 then 'weak_link'
                when $1 and own.state = 'denied' then 'refused'
                when $1 and channels.channel = 'sms' and calls.state = 'denied' then 'refused'
                when $1 and own.state is distinct from 'granted' then 'unasked'
                when case when channels.channel = 'email' then customers.email else customers.phone end is null
                    then 'no_contact'
            end as verdict
        from audience
        inner join golden.customers as customers on audience.customer_id = customers.customer_id
        cross join (values ('email', 1), ('sms', 2), ('phone', 3), ('whatsapp', 4)) as channels (channel, place)
        left join golden.consents as own
            on audience.customer_id = own.customer_id and own.channel = channels.channel and own.purpose = 'marketing'
        left join golden.consents as calls
            on audience.customer_id = calls.customer_id and calls.channel = 'phone' and calls.purpose = 'marketing'
        where not audience.is_held_back
    ) as judged
    group by channel
    order by min(array_position(array['email', 'sms', 'phone', 'whatsapp'], channel))
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
