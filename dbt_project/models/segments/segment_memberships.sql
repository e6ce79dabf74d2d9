-- Who is in which segment, and why. One row per segment and customer.
-- A segment whose purpose is marketing leaves out everyone in `unhappy_recently`: no promotion to them meanwhile.
{%- set segments = [
    'vip',
    'new_customers',
    'lapsing',
    'abandoned_checkout',
    'recent_buyers_suppression',
    'bopis_shoppers',
    'omnichannel_shoppers',
    'social_shoppers',
    'unhappy_recently',
    'cross_sell',
] %}
with

members as (
    {%- for segment in segments %}

        select
            '{{ segment }}' as segment,
            '{{ segment_purpose(segment) }}' as purpose,
            customer_id,
            reason
        from {{ ref('seg_' ~ segment) }}
        {{- "\n\n    union all" if not loop.last }}
    {%- endfor %}

)

select
    members.segment,
    members.customer_id,
    members.reason
from members
left join {{ ref('seg_unhappy_recently') }} as unhappy
    on members.customer_id = unhappy.customer_id
where members.purpose <> 'marketing' or unhappy.customer_id is null
