-- What came by file, of whatever system. A thread of direct messages never ends, so it is no case; what the source says
-- of a case's state is taken from its tickets. A row that does not say what it is, is something `other`. Grain: one row
-- per touchpoint.
{{ config(materialized='view') }}

select
    {{ touchpoint_columns({
        'interaction_id': files_interaction_id(),
        'record_id': 'record_id',
        'occurred_at': 'occurred_at',
        'channel': 'channel',
        'kind': "coalesce(kind, 'other')",
        'direction': 'direction',
        'subject': short_subject("coalesce(nullif(subject, ''), body)"),
        'body': "coalesce(nullif(body, ''), case when subject <> " ~ short_subject('subject') ~ " then subject end)",
        'amount': 'amount',
        'currency': 'currency',
        'quantity': 'quantity',
        'sentiment': 'case when sentiment between -1 and 1 then sentiment end',
        'rating': normalised_rating('rating', 'rating_scale'),
        'rating_scale': 'rating_scale',
        'source': 'source',
        'reference_id': 'coalesce(reference_id, interaction_id)',
        'source_thread_id': 'thread_id',
        'case_id': "case
            when thread_id is not null and not (channel in ('instagram', 'messenger', 'facebook', 'x') and kind <> 'ticket')
                then source || ':' || thread_id
            when kind = 'ticket' then source || ':' || coalesce(reference_id, interaction_id)
        end",
        'order_id': files_order_id(),
        'order_number': files_order_number(),
        'is_open_case': "case
            when kind = 'ticket' and status is not null
                then closed_at is null and lower(status) not in ('solved', 'closed', 'resolved', 'done', 'merged')
        end",
        'first_reply_at': 'first_reply_at',
        'topic': 'topic',
        'team': 'team',
        'agent': 'agent',
        'product_id': 'product_id',
        'product_title': 'product_title',
        'category': 'category',
        'campaign': 'campaign',
        'outcome': 'outcome',
        'wait_seconds': 'wait_seconds',
        'handle_seconds': 'handle_seconds',
        'session_id': 'session_id',
    }) }}
from {{ ref('stg_files__interactions') }}
