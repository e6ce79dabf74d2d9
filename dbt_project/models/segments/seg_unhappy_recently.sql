-- People who have a reason to be cross with us: a bad rating lately, or a question that is overdue. No promotion
-- reaches them. One row per customer. Threshold: `bad_rating_days`.
select
    customer_id,
    jsonb_build_object(
        'overdue_ticket_ids', coalesce(
            jsonb_agg(ticket_id order by ticket_id) filter (where is_overdue), cast('[]' as jsonb)
        ),
        'badly_rated_ticket_ids', coalesce(
            jsonb_agg(ticket_id order by ticket_id) filter (where is_badly_rated), cast('[]' as jsonb)
        ),
        'last_bad_rating_at', {{ iso_timestamp('max(rated_at) filter (where is_badly_rated)') }}
    ) as reason
from (
    select
        *,
        coalesce(
            rating = 'bad'
            and rated_at <= {{ as_of() }}
            and rated_at >= {{ as_of() }} - interval '{{ var("bad_rating_days", 30) }} days',
            false
        ) as is_badly_rated
    from {{ ref('tickets') }}
    where customer_id is not null
) as judged
where is_overdue or is_badly_rated
group by customer_id
