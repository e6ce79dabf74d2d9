-- Every customer with an order came by one path, and their first orders are worth what the paths' revenue says.
{{ config(meta={'dagster': {'ref': {'name': 'first_order_paths'}}}) }}

with

first_orders as (

    select distinct on (customer_id)
        customer_id,
        case when currency = '{{ var("reporting_currency", "USD") }}' then revenue else 0 end as revenue
    from {{ ref('orders') }}
    where is_sale and customer_id is not null and ordered_at <= {{ as_of() }}
    order by customer_id asc, ordered_at asc, order_id asc

),

expected as (

    select
        count(*) as customer_count,
        coalesce(sum(revenue), 0) as revenue
    from first_orders

),

found as (

    select
        coalesce(sum(customer_count), 0) as customer_count,
        coalesce(sum(revenue), 0) as revenue
    from {{ ref('first_order_paths') }}

)

select
    expected.customer_count as expected_customers,
    found.customer_count as found_customers,
    expected.revenue as expected_revenue,
    found.revenue as found_revenue
from expected
cross join found
where (expected.customer_count, expected.revenue) <> (found.customer_count, found.revenue)
