"""The gate as the engine asks it, and which of its answers is the person's own word."""

from __future__ import annotations

from typing import Final

from psycopg import sql

from activation.sync.block import Channel, SyncBlock

NOT_PUBLISHED: Final = "not_published"
"""The customer is no longer published: merged into another, or gone."""

LEFT: Final = "left_the_model"
"""The customer may be sent, and is no longer in the model."""

ERASED: Final = "erased"
"""The person asked to be forgotten."""

_OF_OUR_OWN: Final = frozenset({NOT_PUBLISHED, LEFT, "weak_link", "promotion_blocked", "no_contact_point"})


def ours() -> list[str]:
    """The reasons to take a row back that are no word of the person's: a cap may hold them.

    Any other reason of the gate (consent withdrawn or unknown, suppressed, erased) is taken back whatever the cap.
    """
    return sorted(_OF_OUR_OWN)


def permitted(block: SyncBlock) -> sql.Composed:
    """One row per published customer: customer_id, address, addresses, exclusion (null when permitted)."""
    kind = "email" if block.channel is Channel.EMAIL else "phone"
    return sql.SQL("""
        select
            profile.customer_id,
            case when {channel} <> 'none' then profile.document -> 'primary' ->> {kind} end as address,
            case
                when {channel} = 'advertising' then
                    array_remove(
                        array[profile.document -> 'primary' ->> 'email', profile.document -> 'primary' ->> 'phone'],
                        null
                    )
            end as addresses,
            case
                when profile.link_strength < {strength} then 'weak_link'
                when {purpose} = 'marketing' and consent.state = 'denied' then 'consent_denied'
                when {purpose} = 'marketing' and consent.state is distinct from 'granted' then 'consent_unknown'
                when {channel} not in ('none', 'advertising') and profile.document -> 'primary' ->> {kind} is null
                    then 'no_contact_point'
            end as exclusion
        from activation.profiles as profile
        left join activation.consents as consent
            on consent.customer_id = profile.customer_id
            and consent.channel = {channel} and consent.purpose = {purpose}
    """).format(
        channel=sql.Literal(str(block.channel)),
        purpose=sql.Literal(str(block.purpose)),
        kind=sql.Literal(kind),
        strength=sql.Literal(block.minimum_link_strength),
    )
