-- What the sold lines of an exported order come to is the revenue of the order; and each line is listed.
{{ config(meta={'dagster': {'ref': {'name': 'order_lines'}}}) }}

with

exported as materialized (

    select
        order_id,
        count(*) as line_count
    from {{ ref('exported_order_lines') }}
    group by order_id

),

sold as (

    select
        order_id,
        sum(line_amount) filter (where is_sale) as amount,
        count(*) as line_count
    from {{ ref('order_lines') }}
    where order_id = any(array(select exported.order_id from exported))
    group by order_id

)

select
    exported.order_id,
    orders.revenue,
    sold.amount
from exported
left join {{ ref('orders') }} as orders on exported.order_id = orders.order_id
left join sold on exported.order_id = sold.order_id
where
    orders.order_id is null
    or exported.line_count is distinct from sold.line_count
    or abs(orders.revenue - coalesce(sold.amount, 0)) > 0.005 * exported.line_count
