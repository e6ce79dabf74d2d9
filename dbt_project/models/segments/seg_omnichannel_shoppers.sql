-- People who order in more than one channel. One row per customer. Threshold: `omnichannel_minimum_channels`.
select
    customer_id,
    jsonb_build_object(
        'order_channels', order_channels,
        'web_order_count', web_order_count,
        'store_order_count', store_order_count,
        'instagram_order_count', instagram_order_count
    ) as reason
from {{ ref('customer_metrics') }}
where cardinality(order_channels) >= {{ var('omnichannel_minimum_channels', 2) }}
