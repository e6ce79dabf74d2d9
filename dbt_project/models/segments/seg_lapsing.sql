-- Repeat buyers who have gone quiet, but are not lost yet. One row per customer.
-- Thresholds: `lapsing_minimum_orders`, `lapsing_from_days`, `lapsing_to_days`.
select
    customer_id,
    jsonb_build_object(
        'order_count', order_count,
        'last_order_at', {{ iso_timestamp('last_order_at') }},
        'days_since_last_order', days_since_last_order
    ) as reason
from {{ ref('customer_metrics') }}
where
    order_count >= {{ var('lapsing_minimum_orders', 2) }}
    and days_since_last_order between {{ var('lapsing_from_days', 120) }} and {{ var('lapsing_to_days', 365) }}
