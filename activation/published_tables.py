"""What is published, table by table: where each row comes from, what identifies it, and what makes it differ.

The queries read only `golden`, `marts`, `segments` and `identity`; the columns are those of docs/architecture.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class PublishedTable:
    """One table of schema `activation` as the outcome of one query.

    `keys` identify a row, `values` are the other columns; a row has changed when any of `compared` differs.
    """

    name: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    source: str
    hashed: bool = False

    @property
    def compared(self) -> tuple[str, ...]:
        """The hash alone, where there is one: comparing it moves 16 bytes instead of the row."""
        return ("content_hash",) if self.hashed else self.values


SOURCES: Final = (
    "golden.customers",
    "golden.profiles",
    "golden.contact_points",
    "golden.consents",
    "marts.interactions",
    "marts.conversations",
    "marts.customer_metrics",
    "segments.segment_memberships",
    "segments.segment_catalogue",
    "segments.customer_personas",
    "identity.record_customers",
    "identity.customer_ledger",
)
"""Every table that publication reads; all must exist."""

# An id that was merged away leads to the customer that lives on, over any number of merges. UNION drops a path that
# was walked already, so even a ledger with a circle in it ends.
_REDIRECTS: Final = """
    with recursive latest_merge as (
        select distinct on (customer_id) customer_id, related_customer_id
        from identity.customer_ledger
        where event = 'merged' and related_customer_id is not null
        order by customer_id, occurred_at desc
    ),
    hops as (
        select customer_id as former, related_customer_id as current from latest_merge
        union
        select hops.former, latest_merge.related_customer_id
        from hops inner join latest_merge on latest_merge.customer_id = hops.current
    )
    select hops.former, hops.current
    from hops
    inner join golden.customers as successor on successor.customer_id = hops.current
    where not exists (select from golden.customers as alive where alive.customer_id = hops.former)
"""

# What moves with the clock alone is left out: it would change every profile every day, and the dates say the same.
_BY_THE_CLOCK: Final = (
    "days_since_last_order",
    "days_since_last_touch",
    "days_since_last_visit",
    "tenure_days",
    "expected_orders_next_year",
    "predicted_lifetime_value",
)

_MOST_CONVERSATIONS: Final = 5

# Golden's document, and what marts and segments know besides.
_PROFILES: Final = f"""
    with memberships as (
        select customer_id, jsonb_agg(segment order by segment) as items
        from segments.segment_memberships
        group by customer_id
    ),
    talks as (
        select
            customer_id,
            jsonb_agg(
                jsonb_build_object(
                    'conversation_id', conversation_id, 'started_at', started_at, 'ended_at', ended_at,
                    'channels', channels, 'topic', topic, 'order_ids', order_ids, 'last_direction', last_direction,
                    'has_open_case', has_open_case
                )
                order by ended_at desc, conversation_id
            ) as items
        from (
            select
                *,
                row_number() over (partition by customer_id order by ended_at desc, conversation_id) as place
            from marts.conversations
        ) as latest
        where place <= {_MOST_CONVERSATIONS}
        group by customer_id
    ),
    former as (
        select current as customer_id, jsonb_agg(former order by former) as items
        from ({_REDIRECTS}) as redirects
        group by current
    ),
    documents as (
        select
            golden.customer_id,
            coalesce((golden.document ->> 'link_strength')::double precision, 0) as link_strength,
            golden.document || jsonb_build_object(
                'persona', case when personas.persona is not null then
                    jsonb_build_object('name', personas.persona, 'reason', personas.reason)
                end,
                'segments', coalesce(memberships.items, '[]'),
                'metrics', coalesce(to_jsonb(m) - 'customer_id' - array['{"', '".join(_BY_THE_CLOCK)}'], '{{}}'),
                'open_ticket_count', coalesce(m.open_ticket_count, 0),
                'conversations', coalesce(talks.items, '[]'),
                'former_customer_ids', coalesce(former.items, '[]')
            ) as document
        from golden.profiles as golden
        left join memberships on memberships.customer_id = golden.customer_id
        left join talks on talks.customer_id = golden.customer_id
        left join former on former.customer_id = golden.customer_id
        left join segments.customer_personas as personas on personas.customer_id = golden.customer_id
        left join marts.customer_metrics as m on m.customer_id = golden.customer_id
        -- A fence: without it the planner builds each document twice, once to keep and once to hash.
        offset 0
    )
    select customer_id, document, link_strength, md5(document::text)::uuid as content_hash from documents
"""

_IDENTIFIERS: Final = f"""
    select kind, match_key, customer_id
    from golden.contact_points
    where match_key is not null
    union
    select 'record_id', record_id, customer_id from identity.record_customers
    union
    select 'customer_id', former, current from ({_REDIRECTS}) as redirects
"""

_TIMELINE_VALUES: Final = (
    "customer_id",
    "record_id",
    "occurred_at",
    "channel",
    "kind",
    "direction",
    "subject",
    "amount",
    "currency",
    "source",
    "reference_id",
    "body",
    "sentiment",
    "rating",
    "order_id",
    "conversation_id",
    "campaign",
)

# A touchpoint of nobody (an anonymous till sale) has no timeline to be on.
_TIMELINE: Final = f"""
    select
        interaction_id, {", ".join(_TIMELINE_VALUES)},
        md5(row({", ".join(_TIMELINE_VALUES)})::text)::uuid as content_hash
    from marts.interactions
    where customer_id is not null
"""

PUBLISHED_TABLES: Final = (
    PublishedTable("profiles", ("customer_id",), ("document", "link_strength", "content_hash"), _PROFILES, hashed=True),
    PublishedTable("profile_identifiers", ("kind", "match_key", "customer_id"), (), _IDENTIFIERS),
    PublishedTable(
        "consents",
        ("customer_id", "channel", "purpose"),
        ("state",),
        "select customer_id, channel, purpose, state from golden.consents",
    ),
    PublishedTable("timeline", ("interaction_id",), (*_TIMELINE_VALUES, "content_hash"), _TIMELINE, hashed=True),
    PublishedTable(
        "segments",
        ("segment",),
        ("label", "description", "purpose", "destinations", "minimum_link_strength", "size"),
        """
        select
            segment, label, description, purpose,
            coalesce(destinations, '{}') as destinations,
            coalesce(minimum_link_strength, 1)::double precision as minimum_link_strength,
            coalesce(size, 0)::bigint as size
        from segments.segment_catalogue
        """,
    ),
    PublishedTable(
        "segment_members",
        ("segment", "customer_id"),
        ("reason",),
        "select segment, customer_id, to_jsonb(reason) as reason from segments.segment_memberships",
    ),
)
"""Every table of schema `activation` that publication owns."""
