-- People whose first order ever is recent. One row per customer. Threshold: `new_customer_days`.
select
    customer_id,
    jsonb_build_object(
        'first_order_at', {{ iso_timestamp('first_order_at') }},
        'order_count', order_count
    ) as reason
from {{ ref('customer_metrics') }}
where first_order_at >= {{ as_of() }} - interval '{{ var("new_customer_days", 30) }} days'
