-- Interactions from files, typed. Grain: one row per row of raw_files.interactions, fit or not.
-- What is asked for is mostly one kind, such as the few order lines among millions of visits, or a few touchpoints,
-- or what names an order by its number.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces=[
        "concat_ws(':', 'files', source, stream, interaction_id)",
        "source || ':' || thread_id",
        "case when kind = 'ticket' then source || ':' || coalesce(reference_id, interaction_id) end",
        "case when kind in ('order', 'order_line') then 'files_order:' || " ~ files_order_id() ~ " end",
        "case when kind = 'return' then 'returned:' || source || ':' || reference_id end"
    ],
    indexes=[
        {'columns': ['kind', 'source', 'quarantine_reason']},
        {'columns': ['(' ~ files_interaction_id() ~ ')']},
        {'columns': ['(' ~ order_number_key(files_order_number()) ~ ')']}
    ]
) }}

with raw as (
    {{ raw_stream('files', 'interactions') }}
),

{{ typed_record(
    [
        {'name': 'source', 'required': true},
        {'name': 'interaction_id', 'required': true},
        {'name': 'record_id'},
        {'name': 'is_device', 'type': 'flag'},
        {'name': 'stream'},
        {'name': 'occurred_at', 'type': 'timestamp', 'required': true},
        {'name': 'channel', 'type': 'word'},
        {'name': 'kind', 'type': 'word'},
        {'name': 'direction', 'type': 'word', 'among': ['inbound', 'outbound', 'internal']},
        {'name': 'subject'},
        {'name': 'body'},
        {'name': 'thread_id'},
        {'name': 'reference_id'},
        {'name': 'amount', 'type': 'number'},
        {'name': 'currency'},
        {'name': 'quantity', 'type': 'number'},
        {'name': 'product_id'},
        {'name': 'product_title'},
        {'name': 'category'},
        {'name': 'sentiment', 'type': 'share'},
        {'name': 'rating', 'type': 'number'},
        {'name': 'rating_scale', 'type': 'word', 'among': ['csat_5', 'csat_10', 'nps', 'thumbs']},
        {'name': 'team'},
        {'name': 'agent'},
        {'name': 'topic'},
        {'name': 'status', 'type': 'word'},
        {'name': 'first_reply_at', 'type': 'timestamp'},
        {'name': 'closed_at', 'type': 'timestamp'},
        {'name': 'wait_seconds', 'type': 'seconds'},
        {'name': 'handle_seconds', 'type': 'seconds'},
        {'name': 'outcome', 'type': 'word'},
        {'name': 'session_id'},
        {'name': 'url'},
        {'name': 'campaign'},
        {'name': 'utm_source'},
        {'name': 'utm_medium'},
        {'name': 'full_name'},
        {'name': 'emails', 'type': 'texts'},
        {'name': 'phones', 'type': 'texts'},
        {'name': 'handles', 'type': 'texts'},
        {'name': 'external_ids', 'type': 'texts'},
    ],
    rules={
        'rating': {
            'fails': "case rating_scale when 'csat_5' then rating not between 1 and 5 "
                ~ "when 'csat_10' then rating not between 1 and 10 when 'nps' then rating not between 0 and 10 "
                ~ "when 'thumbs' then rating not in (0, 1) end",
            'reason': 'outside of its scale',
        },
    },
) }}

select * from typed
