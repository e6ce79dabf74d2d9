-- Every order with the customer it belongs to and what of it counts as revenue.
-- One row per order, cancelled and anonymous ones included. Orders of other systems come from the files source, as
-- interactions of kind `order`.
with

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
        total_amount,
        discount_amount,
        currency,
        location_name
    from {{ ref('stg_shopify__orders') }}

    union all

    select
        concat_ws(':', source, stream, interaction_id) as order_id,
        source,
        coalesce(reference_id, interaction_id) as order_name,
        record_id,
        channel,
        false as is_pickup,
        null as financial_status,
        null as fulfilment_status,
        occurred_at as ordered_at,
        null as delivered_at,
        null as cancelled_at,
        amount as total_amount,
        null as discount_amount,
        currency,
        null as location_name
    from {{ ref('stg_files__interactions') }}
    where kind = 'order'

),

judged as (

    select
        *,
        cancelled_at is null and coalesce(upper(financial_status), '') <> 'VOIDED' as is_sale
    from placed

)

select
    judged.order_id,
    judged.source,
    judged.order_name,
    record_customers.customer_id,
    judged.record_id,
    judged.channel,
    coalesce(judged.is_pickup, false) as is_pickup,
    judged.financial_status,
    judged.fulfilment_status,
    judged.ordered_at,
    judged.delivered_at,
    judged.cancelled_at,
    judged.is_sale,
    cast(judged.total_amount as numeric(18, 2)) as total_amount,
    cast(coalesce(judged.discount_amount, 0) as numeric(18, 2)) as discount_amount,
    cast(case when judged.is_sale then coalesce(judged.total_amount, 0) else 0 end as numeric(18, 2)) as revenue,
    cast(
        case
            when judged.is_sale and coalesce(upper(judged.financial_status), '') <> 'REFUNDED'
                then coalesce(judged.total_amount, 0)
            else 0
        end as numeric(18, 2)
    ) as kept_revenue,
    judged.currency,
    judged.location_name
from judged
left join {{ source('identity', 'record_customers') }} as record_customers
    on judged.record_id = record_customers.record_id
