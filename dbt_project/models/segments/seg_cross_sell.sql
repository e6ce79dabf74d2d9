-- People who bought in a category lately, but never in the one that goes with it (seed `category_companions`).
-- One row per customer, every such pair in the reason. Threshold: `cross_sell_days`.
with

bought as (

    select
        customer_id,
        lower(category) as category,
        max(ordered_at) as last_bought_at
    from {{ ref('order_lines') }}
    where customer_id is not null and is_sale and category is not null and ordered_at <= {{ as_of() }}
    group by customer_id, lower(category)

)

select
    bought.customer_id,
    jsonb_build_object(
        'suggestions', jsonb_agg(
            jsonb_build_object(
                'bought', bought.category,
                'never_bought', lower(companions.companion),
                'last_bought_at', {{ iso_timestamp('bought.last_bought_at') }}
            )
            order by bought.last_bought_at desc, bought.category asc, companions.companion asc
        )
    ) as reason
from bought
inner join {{ ref('category_companions') }} as companions
    on bought.category = lower(companions.category)
left join bought as companion_bought
    on bought.customer_id = companion_bought.customer_id and lower(companions.companion) = companion_bought.category
where
    companion_bought.category is null
    and bought.last_bought_at >= {{ as_of() }} - interval '{{ var("cross_sell_days", 60) }} days'
group by bought.customer_id
