-- Not a cent is lost or counted twice between staging, orders and customer figures, in each currency.
{{ config(meta={'dagster': {'ref': {'name': 'customer_metrics'}}}) }}

with

staged as (

    select
        coalesce(currency, '') as currency,
        sum(total_amount) as amount
    from (
        select
            currency,
            total_amount
        from {{ ref('stg_shopify__orders') }}
        union all
        select
            currency,
            amount as total_amount
        from {{ ref('stg_files__interactions') }}
        where kind in ('order', 'order_line')
        union all
        select
            currency,
            amount as total_amount
        from {{ ref('stg_events__interactions') }}
        where kind = 'order'
    ) as sold
    group by 1

),

ordered as materialized (

    select
        coalesce(currency, '') as currency,
        sum(total_amount) as amount,
        sum(revenue) filter (
            where
            customer_id is not null
            and ordered_at <= {{ as_of() }}
            and currency = '{{ var("reporting_currency", "USD") }}'
        ) as credited_amount
    from {{ ref('orders') }}
    group by 1

),

credited as materialized (

    select
        (select coalesce(sum(revenue), 0) from {{ ref('customer_metrics') }}) as in_metrics,
        (select coalesce(sum(credited_amount), 0) from ordered) as in_orders

)

select
    'staging and orders, ' || coalesce(staged.currency, ordered.currency) as between_tables,
    staged.amount as expected,
    ordered.amount as found
from staged
full outer join ordered on staged.currency = ordered.currency
where round(coalesce(staged.amount, 0), 2) <> round(coalesce(ordered.amount, 0), 2)

union all

select
    'orders and customer_metrics' as between_tables,
    in_orders as expected,
    in_metrics as found
from credited
where in_orders <> in_metrics
