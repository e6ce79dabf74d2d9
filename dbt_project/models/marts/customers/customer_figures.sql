-- What each customer's behaviour adds up to as of now, as far as it depends on nobody else (customer_metrics has all).
-- One row per customer, those who never bought included.
--
-- Counts and sums of who has none are 0; what needs something to be said of (an average, a date) is null.
-- Cancelled and voided orders count for nothing; a fully refunded order is revenue, but no lifetime value. Money is in
-- the reporting currency only; orders in another are counted in `other_currency_order_count`, and a test warns of them.
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['customers', 'customer_sales', 'customer_activity', 'customer_answers', 'open_carts', 'tickets']
) }}
with

ticket_figures as (

    select
        customer_id,
        count(*) as ticket_count,
        count(*) filter (where is_open) as open_ticket_count,
        count(*) filter (where is_overdue) as overdue_ticket_count
    from {{ ref('tickets') }}
    where customer_id is not null and created_at <= {{ as_of() }} and {{ only_changed('customer_id') }}
    group by customer_id

),

last_ratings as (

    select distinct on (customer_id)
        customer_id,
        rating as last_rating,
        rated_at as last_rating_at
    from {{ ref('tickets') }}
    where
        rating is not null and customer_id is not null and rated_at <= {{ as_of() }}
        and {{ only_changed('customer_id') }}
    order by customer_id asc, rated_at desc, ticket_id desc

),

beginnings as (

    select
        customers.customer_id,
        customers.loyalty_points,
        least(
            sales.first_order_at,
            case when customers.first_seen_at <= {{ as_of() }} then customers.first_seen_at end,
            case
                when cast(customers.member_since as timestamp) at time zone 'UTC' <= {{ as_of() }}
                    then cast(customers.member_since as timestamp) at time zone 'UTC'
            end,
            activity.first_touch_at
        ) as customer_since
    from {{ ref('customers') }} as customers
    left join {{ ref('customer_sales') }} as sales on customers.customer_id = sales.customer_id
    left join {{ ref('customer_activity') }} as activity on customers.customer_id = activity.customer_id
    where {{ only_changed('customers.customer_id') }}

)

select
    beginnings.customer_id,
    coalesce(sales.order_count, 0) as order_count,
    cast(coalesce(sales.revenue, 0) as numeric(18, 2)) as revenue,
    cast(coalesce(sales.lifetime_value, 0) as numeric(18, 2)) as lifetime_value,
    cast(round(sales.revenue / nullif(sales.reported_order_count, 0), 2) as numeric(18, 2)) as average_order_value,
    '{{ var("reporting_currency", "USD") }}' as currency,
    coalesce(sales.other_currency_order_count, 0) as other_currency_order_count,
    sales.first_order_at,
    sales.last_order_at,
    {{ days_since('sales.last_order_at') }} as days_since_last_order,
    coalesce(sales.web_order_count, 0) as web_order_count,
    coalesce(sales.store_order_count, 0) as store_order_count,
    coalesce(sales.instagram_order_count, 0) as instagram_order_count,
    coalesce(sales.amazon_order_count, 0) as amazon_order_count,
    coalesce(sales.online_order_count, 0) as online_order_count,
    coalesce(sales.pickup_order_count, 0) as pickup_order_count,
    coalesce(sales.social_order_count, 0) as social_order_count,
    coalesce(sales.marketplace_order_count, 0) as marketplace_order_count,
    coalesce(sales.discounted_order_count, 0) as discounted_order_count,
    cast(cast(sales.discounted_order_count as numeric) / sales.order_count as numeric(5, 4)) as discount_share,
    coalesce(activity.return_count, 0) as return_count,
    coalesce(sales.returned_order_count, 0) as returned_order_count,
    cast(cast(sales.returned_order_count as numeric) / sales.order_count as numeric(5, 4)) as return_rate,
    cast(coalesce(sales.return_amount, 0) as numeric(18, 2)) as return_amount,
    coalesce(sales.order_channels, cast('{}' as text[])) as order_channels,
    sales.favourite_category,
    coalesce(sales.category_count, 0) as category_count,
    open_carts.started_at as open_cart_at,
    open_carts.total_amount as open_cart_amount,
    open_carts.currency as open_cart_currency,
    coalesce(open_carts.product_ids, cast('{}' as text[])) as open_cart_product_ids,
    beginnings.customer_since,
    {{ days_since('beginnings.customer_since') }} as tenure_days,
    coalesce(activity.channels, cast('{}' as text[])) as channels,
    coalesce(activity.channel_mix, cast('{}' as jsonb)) as channel_mix,
    activity.preferred_channel,
    activity.preferred_hour,
    activity.first_interaction_at,
    activity.last_interaction_at,
    activity.first_touch_at,
    activity.first_touch_channel,
    activity.last_touch_at,
    activity.last_touch_channel,
    {{ days_since('activity.last_touch_at') }} as days_since_last_touch,
    {{ days_since('activity.last_visit_at') }} as days_since_last_visit,
    coalesce(activity.visit_count, 0) as visit_count,
    coalesce(activity.product_view_count, 0) as product_view_count,
    coalesce(activity.message_count, 0) as message_count,
    coalesce(activity.call_count, 0) as call_count,
    coalesce(activity.social_contact_count, 0) as social_contact_count,
    coalesce(activity.social_engagement_count, 0) as social_engagement_count,
    coalesce(ticket_figures.ticket_count, 0) as ticket_count,
    coalesce(ticket_figures.open_ticket_count, 0) as open_ticket_count,
    coalesce(ticket_figures.overdue_ticket_count, 0) as overdue_ticket_count,
    last_ratings.last_rating,
    last_ratings.last_rating_at,
    answers.last_csat,
    answers.last_nps,
    answers.last_survey_at,
    cast(beginnings.loyalty_points as numeric(18, 2)) as loyalty_points,
    cast(coalesce(activity.points_earned, 0) as numeric(18, 2)) as points_earned
from beginnings
left join {{ ref('customer_sales') }} as sales on beginnings.customer_id = sales.customer_id
left join {{ ref('open_carts') }} as open_carts on beginnings.customer_id = open_carts.customer_id
left join {{ ref('customer_activity') }} as activity on beginnings.customer_id = activity.customer_id
left join {{ ref('customer_answers') }} as answers on beginnings.customer_id = answers.customer_id
left join ticket_figures on beginnings.customer_id = ticket_figures.customer_id
left join last_ratings on beginnings.customer_id = last_ratings.customer_id
