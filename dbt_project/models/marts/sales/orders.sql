-- Every order with the customer it belongs to and what of it counts as revenue.
-- One row per order, cancelled and anonymous ones included. Orders of other systems come from the files source: as
-- interactions of kind `order`, or as lines (kind `order_line`) that are added up here by the number of their order.
{{ config(
    materialized='difference',
    key=['order_id'],
    together='customer_id',
    announces=['customer_id', "'order:' || order_id"],
    follows=[
        'stg_shopify__orders', 'stg_shopify__order_lines', 'stg_shopify__returns', 'stg_files__interactions',
        'stg_events__interactions', 'identity.record_customers'
    ],
    watches=['channels'],
    scope='order_id',
    indexes=[{'columns': ['customer_id']}, {'columns': ['record_id']}, {'columns': ['source', 'order_name']}]
) }}

{#- A file tells of orders, of lines that are put together to orders (one per currency), and of what came back to an
    order of its own source, the shop among them. Orders of events are few and always computed again. -#}
{% call also_changed() %}
    select * from {{ changed_named('shopify:order:') }} as named
    union
    select * from {{ changed_named('files_order:') }} as named
    union
    select order_id
    from {{ this }}
    where
        {{ any_named('files_order:') }} and order_id like '%:%'
        and regexp_replace(order_id, ':[^:]*$', '') in {{ changed_named('files_order:') }}
    union
    select order_id
    from {{ this }}
    where {{ any_named('returned:') }} and source || ':' || order_name in {{ changed_named('returned:') }}
    union
    select order_id from {{ this }} where record_id = {{ any_changed() }}
    union
    select order_id from {{ this }} where source = 'events'
{% endcall %}
{% call also_changed() %}
    select order_id
    from {{ ref('exported_order_lines') }}
    where {{ any_named('files_order:') }} and regexp_replace(order_id, ':[^:]*$', '') in {{ changed_named('files_order:') }}
    union
    select 'events:' || coalesce(order_number, record_key) from {{ ref('stg_events__interactions') }} where kind = 'order'
{% endcall %}

with

exported as (

    select
        order_id,
        min(source) as source,
        min(order_name) as order_name,
        min(record_id) as record_id,
        min(channel) as channel,
        min(ordered_at) as ordered_at,
        string_agg(distinct status, ', ' order by status) as fulfilment_status,
        bool_and(is_cancelled) as is_cancelled,
        sum(amount) as total_amount,
        sum(amount) filter (where not is_cancelled) as sold_amount,
        min(currency) as currency
    from {{ ref('exported_order_lines') }}
    where {{ only_changed('order_id') }}
    group by order_id

),

placed as (

    select
        order_id,
        'shopify' as source,
        order_name,
        record_id,
        channel,
        is_pickup,
        financial_status,
        fulfilment_status,
        ordered_at,
        delivered_at,
        cancelled_at,
        coalesce(cancelled_at <= {{ as_of() }}, false)
        or coalesce(upper(financial_status) = 'VOIDED', false) as is_cancelled,
        total_amount,
        total_amount as sold_amount,
        discount_amount,
        discount_code,
        currency,
        location_name
    from {{ ref('stg_shopify__orders') }}
    where {{ only_found('order_id') }}

    union all

    select
        {{ files_order_id() }} as order_id,
        source,
        coalesce(reference_id, interaction_id) as order_name,
        record_id,
        channel,
        false as is_pickup,
        null as financial_status,
        status as fulfilment_status,
        occurred_at as ordered_at,
        null as delivered_at,
        null as cancelled_at,
        coalesce(lower(status) in ('cancelled', 'canceled', 'voided', 'refused'), false) as is_cancelled,
        amount as total_amount,
        amount as sold_amount,
        null as discount_amount,
        null as discount_code,
        currency,
        null as location_name
    from {{ ref('stg_files__interactions') }}
    where kind = 'order' and {{ only_changed(files_order_id()) }}

    union all

    select
        order_id,
        source,
        order_name,
        record_id,
        channel,
        false as is_pickup,
        null as financial_status,
        fulfilment_status,
        ordered_at,
        null as delivered_at,
        null as cancelled_at,
        is_cancelled,
        total_amount,
        sold_amount,
        null as discount_amount,
        null as discount_code,
        currency,
        null as location_name
    from exported

    union all

    select
        'events:' || coalesce(order_number, record_key) as order_id,
        'events' as source,
        coalesce(order_number, record_key) as order_name,
        record_id,
        channel,
        false as is_pickup,
        null as financial_status,
        null as fulfilment_status,
        occurred_at as ordered_at,
        null as delivered_at,
        null as cancelled_at,
        false as is_cancelled,
        amount as total_amount,
        amount as sold_amount,
        discount as discount_amount,
        coupon as discount_code,
        currency,
        null as location_name
    from {{ ref('stg_events__interactions') }}
    where kind = 'order'

),

-- What came back: what the shop says, and returns of files that name an order by its number or id.
-- A return that was refused is none.
returned as (

    select
        order_id,
        requested_at as returned_at,
        total_quantity as quantity,
        cast(null as numeric) as amount
    from {{ ref('stg_shopify__returns') }}
    where
        coalesce(upper(status), '') not in ('DECLINED', 'CANCELED', 'CANCELLED') and requested_at <= {{ as_of() }}
        and {{ only_found('order_id') }}

    union all

    select
        placed.order_id,
        returns.occurred_at as returned_at,
        returns.quantity,
        returns.amount
    from {{ ref('stg_files__interactions') }} as returns
    inner join placed on returns.source = placed.source and returns.reference_id = placed.order_name
    where returns.kind = 'return' and returns.occurred_at <= {{ as_of() }}

    union all

    select
        'events:' || order_number as order_id,
        occurred_at as returned_at,
        quantity,
        amount
    from {{ ref('stg_events__interactions') }}
    where kind = 'return' and order_number is not null and occurred_at <= {{ as_of() }}

),

units as (

    select
        order_id,
        sum(quantity) as quantity
    from {{ ref('stg_shopify__order_lines') }}
    where {{ only_found('order_id') }}
    group by order_id

),

-- Few sources say what a return was worth; its share of the units says it closely enough.
returns as (

    select
        returned.order_id,
        min(returned.returned_at) as returned_at,
        sum(returned.amount) as amount,
        least(sum(returned.quantity) / nullif(max(units.quantity), 0), 1) as unit_share
    from returned
    left join units on returned.order_id = units.order_id
    group by returned.order_id

),

judged as (

    select
        *,
        not is_cancelled as is_sale,
        case when is_cancelled then 0 else coalesce(sold_amount, 0) end as revenue,
        coalesce(upper(financial_status) = 'REFUNDED', false) as is_refunded
    from placed

)

select
    judged.order_id,
    judged.source,
    judged.order_name,
    record_customers.customer_id,
    judged.record_id,
    judged.channel,
    case
        when coalesce(judged.is_pickup, false) and judged.channel <> 'store' then 'pickup'
        else coalesce(channels.bought_through, 'other')
    end as bought_through,
    coalesce(judged.is_pickup, false) as is_pickup,
    judged.financial_status,
    judged.fulfilment_status,
    judged.ordered_at,
    judged.delivered_at,
    judged.cancelled_at,
    judged.is_sale,
    cast(judged.total_amount as numeric(18, 2)) as total_amount,
    cast(coalesce(judged.discount_amount, 0) as numeric(18, 2)) as discount_amount,
    judged.discount_code,
    cast(judged.revenue as numeric(18, 2)) as revenue,
    cast(case when judged.is_refunded then 0 else judged.revenue end as numeric(18, 2)) as kept_revenue,
    returns.order_id is not null as is_returned,
    returns.returned_at,
    cast(
        case
            when returns.order_id is null then 0
            when judged.is_refunded then judged.revenue
            else least(judged.revenue, coalesce(returns.amount, judged.revenue * returns.unit_share, 0))
        end as numeric(18, 2)
    ) as return_amount,
    judged.currency,
    judged.location_name
from judged
left join returns on judged.order_id = returns.order_id
left join {{ ref('channels') }} as channels on judged.channel = channels.channel
left join {{ source('identity', 'record_customers') }} as record_customers
    on judged.record_id = record_customers.record_id
