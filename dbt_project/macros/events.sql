{#-
  A user id, or null for what clients send when nobody is logged in: all such people would be one. Others have met the
  same words (https://posthog.com/docs/product-analytics/identify lists ids that it refuses).
-#}
{% macro events_usable_id(id) -%}
    case
        when lower({{ id }}) not in (
            'null', 'undefined', 'none', 'nil', 'nan', 'true', 'false', '0', '-1', 'anonymous', 'guest', 'unknown', 'n/a',
            'id', 'user', 'userid', 'user_id', 'distinct_id', 'distinctid', 'not_authenticated', '[object object]',
            '00000000-0000-0000-0000-000000000000'
        )
            then {{ id }}
    end
{%- endmacro %}

{#-
  What an event of Segment's ecommerce spec is on the timeline, by its name in whatever spelling: 'Order Completed',
  'order_completed', and the older 'Completed Order'. Null for every other name.
  (https://www.twilio.com/docs/segment/connections/spec/ecommerce/v2)
-#}
{% macro events_kind(event) -%}
    case btrim(lower(regexp_replace(regexp_replace({{ event }}, '([a-z])([A-Z])', '\1 \2', 'g'), '[^a-zA-Z]+', ' ', 'g')))
        when 'order completed' then 'order'
        when 'completed order' then 'order'
        when 'order refunded' then 'return'
        when 'refunded order' then 'return'
        when 'product viewed' then 'product_view'
        when 'viewed product' then 'product_view'
        when 'product added' then 'add_to_cart'
        when 'added product' then 'add_to_cart'
        when 'checkout started' then 'checkout'
        when 'started checkout' then 'checkout'
        when 'email link clicked' then 'campaign_response'
    end
{%- endmacro %}

{#- What was said of each trait last, as columns; what a call leaves out it does not take back. -#}
{% macro events_latest(traits) -%}
    {%- for trait in traits %}
        (array_agg({{ trait }} order by occurred_at desc, record_key desc) filter (where {{ trait }} is not null))[1]
            as {{ trait }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
