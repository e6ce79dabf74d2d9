-- What was written on X: direct messages, public posts that mention the company. A thread of direct messages never
-- ends, so it is no case. Grain: one row per touchpoint.
{{ config(materialized='view') }}

select
    {{ touchpoint_columns({
        'interaction_id': "'x:message:' || message_id",
        'record_id': 'record_id',
        'occurred_at': 'sent_at',
        'channel': "'x'",
        'kind': "'message'",
        'direction': 'direction',
        'subject': short_subject('body'),
        'body': 'body',
        'source': "'x'",
        'reference_id': 'conversation_id',
        'source_thread_id': 'conversation_id',
    }) }}
from {{ ref('stg_x__direct_messages') }}

union all

select
    {{ touchpoint_columns({
        'interaction_id': "'x:mention:' || post_id",
        'record_id': 'record_id',
        'occurred_at': 'posted_at',
        'channel': "'x'",
        'kind': "'mention'",
        'direction': "'inbound'",
        'subject': short_subject('body'),
        'body': 'body',
        'source': "'x'",
        'reference_id': 'post_id',
    }) }}
from {{ ref('stg_x__mentions') }}
