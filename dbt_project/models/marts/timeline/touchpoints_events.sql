-- What people did on the web and in apps, as events told it. Grain: one row per touchpoint.
{{ config(materialized='view') }}

select
    {{ touchpoint_columns({
        'interaction_id': 'interaction_id',
        'record_id': 'record_id',
        'occurred_at': 'occurred_at',
        'channel': 'channel',
        'kind': 'kind',
        'direction': "'inbound'",
        'subject': short_subject('subject'),
        'amount': 'amount',
        'currency': 'currency',
        'quantity': 'quantity',
        'source': "'events'",
        'reference_id': 'coalesce(order_number, record_key)',
        'order_id': "case when kind = 'order' then 'events:' || coalesce(order_number, record_key) end",
        'order_number': "case when kind <> 'order' then order_number end",
        'product_id': 'product_id',
        'product_title': 'product_title',
        'category': 'category',
        'campaign': 'campaign',
        'session_id': 'session_id',
    }) }}
from {{ ref('stg_events__interactions') }}
