-- Comments below the company's Instagram posts. Grain: one row per comment.
select
    comment_id,
    media_id,
    'meta:instagram_user:' || sender_id as record_id,
    body,
    commented_at
from {{ ref('base_meta__comments') }}
where quarantine_reason is null
