-- Public posts on X that mention the company. Grain: one row per post.
select
    post_id,
    'x:user:' || author_id as record_id,
    body,
    posted_at
from {{ ref('base_x__mentions') }}
where quarantine_reason is null
