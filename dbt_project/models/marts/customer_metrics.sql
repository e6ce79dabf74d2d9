-- What each customer's behaviour adds up to, as of now.
-- One row per customer, those who never bought included.
--
-- Orders count whatever their currency; money is summed in the reporting currency only (the variable
-- `reporting_currency`), because adding different currencies gives a number that means nothing. Orders in another
-- currency are counted in `other_currency_order_count`, and a test warns of them. Cancelled and voided orders count for
-- nothing; a fully refunded order is revenue, but no lifetime value.
with

customers as (

    select customer_id
    from {{ ref('customers') }}

),

sales as (

    select
        *,
        coalesce(currency, '') = '{{ var("reporting_currency", "USD") }}' as is_reported
    from {{ ref('orders') }}
    where is_sale and customer_id is not null and ordered_at <= {{ as_of() }}

),

order_figures as (

    select
        customer_id,
        count(*) as order_count,
        count(*) filter (where is_reported) as reported_order_count,
        count(*) filter (where not is_reported) as other_currency_order_count,
        count(*) filter (where channel = 'web') as web_order_count,
        count(*) filter (where channel = 'store') as store_order_count,
        count(*) filter (where channel = 'instagram') as instagram_order_count,
        count(*) filter (where is_pickup and channel <> 'store') as pickup_order_count,
        count(*) filter (where discount_amount > 0) as discounted_order_count,
        coalesce(sum(revenue) filter (where is_reported), 0) as revenue,
        coalesce(sum(kept_revenue) filter (where is_reported), 0) as lifetime_value,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        array_agg(distinct channel order by channel) filter (where channel is not null) as order_channels
    from sales
    group by customer_id

),

return_figures as (

    select
        customer_id,
        count(*) as return_count
    from {{ ref('interactions') }}
    where kind = 'return' and customer_id is not null and occurred_at <= {{ as_of() }}
    group by customer_id

),

ticket_figures as (

    select
        customer_id,
        count(*) as ticket_count,
        count(*) filter (where is_open) as open_ticket_count,
        count(*) filter (where is_overdue) as overdue_ticket_count
    from {{ ref('tickets') }}
    where customer_id is not null and created_at <= {{ as_of() }}
    group by customer_id

),

last_ratings as (

    select distinct on (customer_id)
        customer_id,
        rating as last_rating,
        rated_at as last_rating_at
    from {{ ref('tickets') }}
    where rating is not null and customer_id is not null and rated_at <= {{ as_of() }}
    order by customer_id asc, rated_at desc, ticket_id desc

),

contact_figures as (

    select
        customer_id,
        array_agg(distinct channel order by channel) filter (where channel is not null) as channels,
        count(*) filter (
            where kind in ('message', 'comment', 'mention')
            and direction = 'inbound'
            and channel in ('instagram', 'messenger', 'x')
        ) as social_contact_count,
        min(occurred_at) as first_interaction_at,
        max(occurred_at) as last_interaction_at
    from {{ ref('interactions') }}
    where customer_id is not null and occurred_at <= {{ as_of() }}
    group by customer_id

),

favourite_categories as (

    select distinct on (customer_id)
        customer_id,
        category as favourite_category
    from (
        select
            customer_id,
            category,
            sum(quantity) as units,
            max(ordered_at) as last_bought_at
        from {{ ref('order_lines') }}
        where is_sale and category is not null and customer_id is not null and ordered_at <= {{ as_of() }}
        group by customer_id, category
    ) as bought
    order by customer_id asc, units desc, last_bought_at desc, category asc

)

select
    customers.customer_id,
    coalesce(order_figures.order_count, 0) as order_count,
    cast(coalesce(order_figures.revenue, 0) as numeric(18, 2)) as revenue,
    cast(coalesce(order_figures.lifetime_value, 0) as numeric(18, 2)) as lifetime_value,
    cast(
        round(order_figures.revenue / nullif(order_figures.reported_order_count, 0), 2) as numeric(18, 2)
    ) as average_order_value,
    '{{ var("reporting_currency", "USD") }}' as currency,
    coalesce(order_figures.other_currency_order_count, 0) as other_currency_order_count,
    order_figures.first_order_at,
    order_figures.last_order_at,
    cast(
        floor(extract(epoch from {{ as_of() }} - order_figures.last_order_at) / 86400) as integer
    ) as days_since_last_order,
    coalesce(order_figures.web_order_count, 0) as web_order_count,
    coalesce(order_figures.store_order_count, 0) as store_order_count,
    coalesce(order_figures.instagram_order_count, 0) as instagram_order_count,
    coalesce(order_figures.pickup_order_count, 0) as pickup_order_count,
    coalesce(order_figures.discounted_order_count, 0) as discounted_order_count,
    coalesce(return_figures.return_count, 0) as return_count,
    coalesce(ticket_figures.ticket_count, 0) as ticket_count,
    coalesce(ticket_figures.open_ticket_count, 0) as open_ticket_count,
    coalesce(ticket_figures.overdue_ticket_count, 0) as overdue_ticket_count,
    last_ratings.last_rating,
    last_ratings.last_rating_at,
    coalesce(contact_figures.social_contact_count, 0) as social_contact_count,
    coalesce(order_figures.order_channels, cast('{}' as text[])) as order_channels,
    coalesce(contact_figures.channels, cast('{}' as text[])) as channels,
    favourite_categories.favourite_category,
    contact_figures.first_interaction_at,
    contact_figures.last_interaction_at
from customers
left join order_figures on customers.customer_id = order_figures.customer_id
left join return_figures on customers.customer_id = return_figures.customer_id
left join ticket_figures on customers.customer_id = ticket_figures.customer_id
left join last_ratings on customers.customer_id = last_ratings.customer_id
left join contact_figures on customers.customer_id = contact_figures.customer_id
left join favourite_categories on customers.customer_id = favourite_categories.customer_id
