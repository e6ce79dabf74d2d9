-- Ids that are somebody else's former ones, and whose they are now. An id that two users were said to have had before
-- is left out: it would make them one. Grain: one row per former id.
{{ config(materialized='table') }}

select
    previous_id,
    min(user_id) as user_id,
    max(occurred_at) as said_at
from {{ ref('stg_events__identities') }}
where type = 'alias' and previous_id is not null and user_id is not null and previous_id <> user_id
group by previous_id
having min(user_id) = max(user_id)
