"""Profiles: golden's document, what marts and segments know besides, and what an agent must see at once."""

from __future__ import annotations

from typing import Final

from activation.publication.customer_ids import REDIRECTS

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
_MOST_CASES: Final = 10
_MOST_ORDERS: Final = 10
_MOST_INTERACTIONS: Final = 5
_MOST_COMPLAINTS: Final = 3
_EXCERPT: Final = 280

# What an agent would call contact: of pages viewed and points booked there are hundreds for each of these.
_TOLD_KINDS: Final = (
    "'order', 'return', 'ticket', 'message', 'call', 'note', 'rating', 'survey', 'comment', 'mention', 'checkout'"
)

NOW: Final = "current_setting('braid.as_of')::timestamptz"
"""The moment that is "now" to what is published; set by `publish`."""

_MEMBERSHIPS: Final = """
    select customer_id, jsonb_agg(segment order by segment) as items
    from segments.segment_memberships
    group by customer_id
"""

_TALKS: Final = f"""
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
"""

_OPEN_CASES: Final = f"""
    select
        customer_id,
        jsonb_agg(
            jsonb_build_object(
                'case_id', case_id, 'source', source, 'channel', channel, 'team', team, 'topic', topic,
                'subject', subject, 'status', status, 'order_id', order_id, 'opened_at', opened_at,
                'first_reply_at', first_reply_at, 'is_overdue', is_overdue, 'conversation_id', conversation_id
            )
            order by opened_at desc, case_id
        ) as items
    from (
        select *, row_number() over (partition by customer_id order by opened_at desc, case_id) as place
        from marts.service_cases
        where is_open and customer_id is not null
    ) as cases
    where place <= {_MOST_CASES}
    group by customer_id
"""

# Bought, paid or not, and not yet with the customer as far as the shop knows. What a till sold is.
_OPEN_ORDERS: Final = f"""
    select
        customer_id,
        jsonb_agg(
            jsonb_build_object(
                'order_id', order_id, 'order_name', order_name, 'ordered_at', ordered_at, 'channel', channel,
                'bought_through', bought_through, 'total_amount', total_amount, 'currency', currency,
                'financial_status', financial_status, 'fulfilment_status', fulfilment_status
            )
            order by ordered_at desc, order_id
        ) as items
    from (
        select *, row_number() over (partition by customer_id order by ordered_at desc, order_id) as place
        from marts.orders
        where
            customer_id is not null and is_sale and not is_returned and delivered_at is null
            and fulfilment_status is not null and coalesce(upper(financial_status), '') <> 'REFUNDED'
            and upper(fulfilment_status) not in ('DELIVERED', 'COMPLETED', 'COMPLETE', 'CLOSED', 'RETURNED')
            and (bought_through <> 'store' or upper(fulfilment_status) <> 'FULFILLED')
            and ordered_at > {NOW} - interval '90 days'
    ) as waiting
    where place <= {_MOST_ORDERS}
    group by customer_id
"""

_BOUGHT_LAST: Final = """
    select distinct on (customer_id) customer_id, category
    from marts.order_lines
    where customer_id is not null and is_sale and category is not null
    order by customer_id, ordered_at desc, order_line_id
"""

_SHOPPED_LAST: Final = """
    select distinct on (customer_id) customer_id, location_name
    from marts.orders
    where customer_id is not null and is_sale and location_name is not null
    order by customer_id, ordered_at desc, order_id
"""

_FORMER: Final = f"""
    select current as customer_id, jsonb_agg(former order by former) as items
    from ({REDIRECTS}) as redirects
    group by current
"""

_TOLD: Final = f"""
    jsonb_build_object(
        'interaction_id', interaction_id, 'occurred_at', occurred_at, 'channel', channel, 'kind', kind,
        'direction', direction, 'subject', subject, 'excerpt', left(body, {_EXCERPT}), 'order_id', order_id,
        'sentiment', sentiment, 'rating', rating
    )
"""

# The timeline of this publication is in place already: one walk of its index per customer, instead of sorting it all.
_LATEST: Final = f"""
    select jsonb_agg({_TOLD} order by occurred_at desc, interaction_id desc) as items
    from (
        select * from activation.timeline
        where customer_id = golden.customer_id and kind in ({_TOLD_KINDS})
        order by occurred_at desc, interaction_id desc
        limit {_MOST_INTERACTIONS}
    ) as latest
"""

# Few are, so these are found by one look at all.
_COMPLAINTS: Final = f"""
    select customer_id, jsonb_agg({_TOLD} order by occurred_at desc, interaction_id desc) as items
    from (
        select
            *,
            row_number() over (partition by customer_id order by occurred_at desc, interaction_id desc) as place
        from activation.timeline
        where occurred_at > {NOW} - interval '90 days'
        and (rating < 0.5 or (direction = 'inbound' and sentiment <= -0.5))
    ) as unhappy
    where place <= {_MOST_COMPLAINTS}
    group by customer_id
"""

ANSWER: Final = """
    (
        document - 'attributes' - 'records' || jsonb_build_object('consents', (
            select coalesce(jsonb_agg(consent - 'evidence' order by place), '[]')
            from jsonb_array_elements(document -> 'consents') with ordinality as said (consent, place)
        ))
    )::text
"""
"""What a lookup sends, from the document of a profile: all but where values are from."""

PROFILES: Final = f"""
    with memberships as ({_MEMBERSHIPS}),
    talks as ({_TALKS}),
    cases as ({_OPEN_CASES}),
    waiting as ({_OPEN_ORDERS}),
    bought as ({_BOUGHT_LAST}),
    shopped as ({_SHOPPED_LAST}),
    former as ({_FORMER}),
    unhappy as ({_COMPLAINTS}),
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
                'open_cases', coalesce(cases.items, '[]'),
                'open_orders', coalesce(waiting.items, '[]'),
                'complaints', coalesce(unhappy.items, '[]'),
                'last_interactions', coalesce(latest.items, '[]'),
                'conversations', coalesce(talks.items, '[]'),
                'former_customer_ids', coalesce(former.items, '[]'),
                'sibling_customer_ids', coalesce(to_jsonb(resolved.siblings), '[]')
            ) as document,
            jsonb_strip_nulls(jsonb_build_object(
                'birth_month', substr(golden.document ->> 'birth_date', 6, 2),
                'city', golden.document -> 'address' ->> 'city',
                'last_category', bought.category,
                'last_store', shopped.location_name,
                'last_order_month', to_char(m.last_order_at, 'YYYY-MM'),
                'first_order_year', to_char(m.first_order_at, 'YYYY')
            )) as telling
        from golden.profiles as golden
        left join memberships on memberships.customer_id = golden.customer_id
        left join talks on talks.customer_id = golden.customer_id
        left join cases on cases.customer_id = golden.customer_id
        left join waiting on waiting.customer_id = golden.customer_id
        left join bought on bought.customer_id = golden.customer_id
        left join shopped on shopped.customer_id = golden.customer_id
        left join former on former.customer_id = golden.customer_id
        left join unhappy on unhappy.customer_id = golden.customer_id
        left join pg_temp.resolved_ids as resolved
            on resolved.customer_id = golden.customer_id and resolved.status = 'living'
        left join segments.customer_personas as personas on personas.customer_id = golden.customer_id
        left join marts.customer_metrics as m on m.customer_id = golden.customer_id
        cross join lateral ({_LATEST}) as latest
        -- A fence: without it the planner builds each document twice, once to keep and once to hash.
        offset 0
    )
    select
        customer_id,
        document,
        telling,
        link_strength,
        md5(document::text || telling::text)::uuid as content_hash
    from documents
"""

IDENTIFIERS: Final = f"""
    select kind, match_key, customer_id
    from golden.contact_points
    where match_key is not null
    union
    select 'record_id', record_id, customer_id from identity.record_customers
    union
    select 'customer_id', former, current from ({REDIRECTS}) as redirects
"""

TIMELINE_VALUES: Final = (
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
TIMELINE: Final = f"""
    select
        interaction_id, {", ".join(TIMELINE_VALUES)},
        md5(row({", ".join(TIMELINE_VALUES)})::text)::uuid as content_hash
    from marts.interactions
    where customer_id is not null
"""
