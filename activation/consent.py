"""The one gate: who of a segment may be contacted, on which channel, and why the others may not.

Every destination that carries a contact detail asks here. The rules:

- A **marketing** segment reaches a person on a channel only with consent for that channel and the purpose marketing
  that says `granted`. `denied`, `unknown` and no statement are the same answer: not sent. Silence is not consent.
  A phone number goes out for text messages only if calls were not refused either.
- A promotion never reaches a member of a segment in `promotion_blocked_by` (by default those who are unhappy or wait
  for support).
- The customer's link strength must reach the segment's minimum: a person whose records may be two people could carry
  the other one's consent.
- A **service** segment is not a promotion: it needs no marketing consent, but the same link strength, and it reaches
  nobody who refused service on that channel.
- A **suppression** segment only ever keeps people out, so it holds for the whole set: leaving anyone out of it would
  widen what may be sent.
- A purpose that is none of these is treated as marketing, the strictest.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from psycopg import sql
from pydantic import BaseModel, ConfigDict

from activation.database import Connection


class Purpose(StrEnum):
    """What a segment is for."""

    MARKETING = "marketing"
    SERVICE = "service"
    SUPPRESSION = "suppression"


class Exclusion(StrEnum):
    """Why a member of a segment is not sent.

    When several channels have different reasons, the one that comes later here says more of the person.
    """

    WEAK_LINK = "weak_link"
    PROMOTION_BLOCKED = "promotion_blocked"
    CONSENT_UNKNOWN = "consent_unknown"
    CONSENT_DENIED = "consent_denied"
    NO_CONTACT_POINT = "no_contact_point"


CONTACT_KIND: Final = {"email": "email", "sms": "phone"}
"""The primary contact point that each channel reaches."""

_ALSO_ASKED: Final = {"email": [], "sms": ["phone"]}
"""Channels on the same contact point: handing out a number for text messages hands it to callers too."""


class GateRules(BaseModel):
    """The part of the gate that a company may set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    promotion_blocked_by: tuple[str, ...] = ("unhappy_recently", "waiting_for_support")
    """Segments whose members get no promotion, whatever they agreed to."""


def decisions(channel: str, rules: GateRules | None = None) -> sql.Composed:
    """The gate as a query: one row per segment and member, for one channel (`email` or `sms`).

    Columns: segment, customer_id, purpose, destination_address (the primary contact point of the channel; null when
    excluded, and for every purpose but marketing and service), exclusion (an `Exclusion`; null when the member may be
    contacted, or for a suppression list must be listed).

    Raises:
        KeyError: if the channel is none of `CONTACT_KIND`.
    """
    rules = rules or GateRules()
    return sql.SQL(_DECISIONS).format(
        channel=sql.Literal(channel),
        kind=sql.Literal(CONTACT_KIND[channel]),
        also_asked=sql.Literal(_ALSO_ASKED[channel]),
        blocking=sql.Literal(list(rules.promotion_blocked_by)),
    )


def eligible(connection: Connection, segment: str, channel: str, rules: GateRules | None = None) -> frozenset[str]:
    """The customer ids of `segment` that may be contacted on `channel` for the purpose of that segment.

    Raises:
        KeyError: if the channel is none of `CONTACT_KIND`.
    """
    query = sql.SQL("select customer_id from ({}) as gate where segment = {} and exclusion is null").format(
        decisions(channel, rules), sql.Literal(segment)
    )
    return frozenset(row[0] for row in connection.execute(query))


_DECISIONS: Final = """
    select
        judged.segment,
        judged.customer_id,
        judged.purpose,
        case when judged.exclusion is null and judged.purpose <> 'suppression' then judged.address end
            as destination_address,
        judged.exclusion
    from (
        select
            member.segment,
            member.customer_id,
            segment.purpose,
            profile.address,
            case
                when segment.purpose = 'suppression' then null
                when profile.link_strength is null or profile.link_strength < segment.minimum_link_strength
                    then 'weak_link'
                when segment.purpose <> 'service' and blocked.customer_id is not null then 'promotion_blocked'
                when segment.purpose <> 'service' and consent.state = 'denied' then 'consent_denied'
                when segment.purpose = 'service' and consent.refuses_service then 'consent_denied'
                when segment.purpose <> 'service' and consent.state is distinct from 'granted' then 'consent_unknown'
                when profile.address is null then 'no_contact_point'
            end as exclusion
        from activation.segment_members as member
        inner join activation.segments as segment on segment.segment = member.segment
        left join (
            select customer_id, link_strength, nullif(document -> 'primary' ->> {kind}, '') as address
            from activation.profiles
        ) as profile on profile.customer_id = member.customer_id
        left join (
            select
                customer_id,
                case
                    when bool_or(purpose = 'marketing' and state = 'denied') then 'denied'
                    when bool_or(purpose = 'marketing' and channel = {channel} and state = 'granted') then 'granted'
                end as state,
                bool_or(purpose = 'service' and channel = {channel} and state = 'denied') as refuses_service
            from activation.consents
            where purpose in ('marketing', 'service') and (channel = {channel} or channel = any({also_asked}::text[]))
            group by customer_id
        ) as consent on consent.customer_id = member.customer_id
        left join (
            select distinct customer_id from activation.segment_members where segment = any({blocking}::text[])
        ) as blocked on blocked.customer_id = member.customer_id
    ) as judged
"""
