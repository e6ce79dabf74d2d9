-- What each customer has just bought, so that nobody advertises it to them. One row per customer, the products in the
-- reason. Threshold: `recent_purchase_days`.
select
    customer_id,
    jsonb_build_object(
        'product_ids', jsonb_agg(distinct product_id) filter (where product_id is not null),
        'titles', jsonb_agg(distinct title) filter (where title is not null),
        'last_bought_at', {{ iso_timestamp('max(ordered_at)') }}
    ) as reason
from {{ ref('order_lines') }}
where
    customer_id is not null
    and is_sale
    and ordered_at <= {{ as_of() }}
    and ordered_at >= {{ as_of() }} - interval '{{ var("recent_purchase_days", 30) }} days'
group by customer_id
