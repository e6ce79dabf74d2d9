-- Baskets that reached the checkout of the web shop, with the customer who filled them.
-- One row per checkout.
{{ config(
    materialized='difference',
    key=['checkout_id'],
    announces='customer_id',
    follows=['stg_shopify__abandoned_checkouts', 'identity.record_customers'],
    scope='checkout_id',
    indexes=[{'columns': ['customer_id']}, {'columns': ['record_id']}]
) }}

{% call also_changed() %}
    select * from {{ changed_named('shopify:checkout:') }} as named
    union
    select checkout_id
    from {{ this }}
    where record_id = {{ any_changed() }}
{% endcall %}

select
    checkouts.checkout_id,
    record_customers.customer_id,
    checkouts.record_id,
    checkouts.started_at,
    checkouts.completed_at,
    cast(checkouts.total_amount as numeric(18, 2)) as total_amount,
    checkouts.currency,
    coalesce(checkouts.product_ids, cast('{}' as text[])) as product_ids
from {{ ref('stg_shopify__abandoned_checkouts') }} as checkouts
left join {{ source('identity', 'record_customers') }} as record_customers
    on checkouts.record_id = record_customers.record_id
where {{ only_found('checkouts.checkout_id') }}
