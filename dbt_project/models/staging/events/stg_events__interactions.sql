-- What people did on the web and in apps, as touchpoints. The first page or screen of a session is the visit. An order
-- that another system has too is not a second order here, but something `other` that is about it; so is the second word
-- of one order. Grain: one row per track, page or screen call.
{{ config(materialized='difference', key=['interaction_id'], announces='interaction_id') }}

with calls as (
    select
        *,
        {{ events_usable_id('user_id') }} as usable_user_id,
        {{ events_usable_id('anonymous_id') }} as usable_anonymous_id,
        coalesce(order_id, order_id_camel) as order_number,
        case when type = 'track' then {{ events_kind('event') }} end as kind_of_event
    from {{ ref('base_events__interactions') }}
    where quarantine_reason is null
),

-- Half an hour of silence ends a session, as Google Analytics counts them.
steps as (
    select
        *,
        coalesce(usable_anonymous_id, usable_user_id) as visitor,
        coalesce(
            occurred_at - lag(occurred_at) over (
                partition by coalesce(usable_anonymous_id, usable_user_id) order by occurred_at, record_key
            ) > interval '30 minutes',
            true
        ) as is_new_session
    from calls
),

sessions as (
    select
        *,
        coalesce(
            session_id,
            max(case when is_new_session then visitor || '.' || extract(epoch from occurred_at) end)
                over (partition by visitor, session_number)
        ) as session_name
    from (
        select
            *,
            count(*) filter (where is_new_session) over (partition by visitor order by occurred_at, record_key)
                as session_number
        from steps
    ) as numbered
),

-- What other systems call their orders, as `order_number_key` compares it.
orders_of_others as (
    select {{ order_number_key('order_name') }} as order_number from {{ ref('stg_shopify__orders') }}
    union
    select {{ order_number_key('order_id') }} as order_number from {{ ref('stg_shopify__orders') }}
    union
    select {{ order_number_key('coalesce(reference_id, interaction_id)') }} as order_number
    from {{ ref('stg_files__interactions') }}
    where kind in ('order', 'order_line')
),

judged as (
    select
        sessions.*,
        row_number() over (
            partition by sessions.visitor, sessions.session_name, sessions.type = 'track'
            order by sessions.occurred_at, sessions.record_key
        ) as place_in_session,
        row_number() over (
            partition by
                sessions.kind_of_event,
                coalesce({{ order_number_key('sessions.order_number') }}, sessions.record_key)
            order by sessions.occurred_at, sessions.record_key
        ) as telling,
        others.order_number is not null as is_order_of_others
    from sessions
    left join orders_of_others as others on {{ order_number_key('sessions.order_number') }} = others.order_number
),

-- The products of an order, where they say anything about all of it.
baskets as (
    select
        call_key,
        sum(quantity) as quantity,
        case when count(*) = 1 then min(coalesce(product_id, sku)) end as product_id,
        case when count(*) = 1 then min(title) end as product_title,
        case when count(distinct category) = 1 then min(category) end as category
    from {{ ref('base_events__products') }}
    where quarantine_reason is null
    group by call_key
)

select
    'events:' || judged.record_key as interaction_id,
    judged.record_key,
    case
        when judged.usable_user_id is not null then 'events:user:' || judged.usable_user_id
        when not devices.is_shared then devices.record_id
    end as record_id,
    judged.occurred_at,
    case
        when judged.kind_of_event = 'campaign_response' then 'email'
        when judged.type = 'screen' or judged.origin = 'mobile' or lower(judged.device_type) in ('ios', 'android')
            then 'app'
        else 'web'
    end as channel,
    case
        when judged.kind_of_event = 'order' and (judged.is_order_of_others or judged.telling > 1) then 'other'
        when judged.type = 'track' then coalesce(judged.kind_of_event, 'other')
        when judged.place_in_session = 1 then 'visit'
        else 'page_view'
    end as kind,
    judged.event,
    case
        when judged.type = 'track' and judged.kind_of_event in ('product_view', 'add_to_cart')
            then coalesce(judged.product_title, judged.event)
        when judged.type = 'track' then judged.event
        else coalesce(judged.page_title, judged.page_name, judged.context_title, judged.url, judged.context_url)
    end as subject,
    case
        when judged.kind_of_event in ('product_view', 'add_to_cart') then judged.price
        when judged.kind_of_event is not null then coalesce(judged.total, judged.revenue, judged.value)
    end as amount,
    judged.discount,
    judged.coupon,
    upper(judged.currency) as currency,
    coalesce(judged.quantity, baskets.quantity) as quantity,
    judged.order_number,
    coalesce(judged.product_id, judged.sku, baskets.product_id) as product_id,
    case when judged.type = 'track' then coalesce(judged.product_title, baskets.product_title) end as product_title,
    coalesce(judged.category, baskets.category) as category,
    judged.session_name as session_id,
    coalesce(judged.url, judged.context_url) as url,
    judged.campaign,
    judged.utm_source,
    judged.utm_medium
from judged
left join baskets on judged.record_key = baskets.call_key
left join {{ ref('stg_events__devices') }} as devices on judged.usable_anonymous_id = devices.anonymous_id
