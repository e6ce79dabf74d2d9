-- What support owes or has done to each customer, beyond the figures of customer_metrics: the last bad rating and the
-- cases that speak of trouble. One row per customer with a case.
with

judged as (

    select
        customer_id,
        ticket_id,
        created_at,
        rated_at,
        is_open,
        is_overdue,
        coalesce(rating = 'bad' and rated_at <= {{ as_of() }}, false) as is_badly_rated
    from {{ ref('tickets') }}
    where customer_id is not null and created_at <= {{ as_of() }}

)

select
    customer_id,
    min(created_at) filter (where is_open) as waiting_since,
    count(*) filter (where is_open) as open_case_count,
    count(*) filter (where is_overdue) as overdue_case_count,
    coalesce(
        array_agg(ticket_id order by ticket_id) filter (where is_overdue), cast('{}' as text [])
    ) as overdue_case_ids,
    max(rated_at) filter (where is_badly_rated) as last_bad_rating_at,
    coalesce(
        array_agg(ticket_id order by ticket_id) filter (where is_badly_rated), cast('{}' as text [])
    ) as badly_rated_case_ids
from judged
group by customer_id
