-- What was written in Instagram and Messenger: direct messages, comments below posts. A thread of direct messages never
-- ends, so it is no case. Grain: one row per touchpoint.
{{ config(materialized='view') }}

select
    {{ touchpoint_columns({
        'interaction_id': "'meta:message:' || message_id",
        'record_id': 'record_id',
        'occurred_at': 'sent_at',
        'channel': 'platform',
        'kind': "'message'",
        'direction': 'direction',
        'subject': short_subject('body'),
        'body': 'body',
        'source': "'meta'",
        'reference_id': 'conversation_id',
        'source_thread_id': 'conversation_id',
    }) }}
from {{ ref('stg_meta__messages') }}

union all

select
    {{ touchpoint_columns({
        'interaction_id': "'meta:comment:' || comment_id",
        'record_id': 'record_id',
        'occurred_at': 'commented_at',
        'channel': "'instagram'",
        'kind': "'comment'",
        'direction': "'inbound'",
        'subject': short_subject('body'),
        'body': 'body',
        'source': "'meta'",
        'reference_id': 'media_id',
    }) }}
from {{ ref('stg_meta__comments') }}
