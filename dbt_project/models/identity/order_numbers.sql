-- The orders that can be told by their number alone: a number that two orders have says nothing. Grain: one row per
-- number, as `order_number_key` compares it.
{{ config(
    materialized='difference',
    key=['order_number'],
    announces="'number:' || order_number",
    indexes=[{'columns': ['record_id']}]
) }}

with

numbers as (

    select
        {{ order_number_key('order_name') }} as order_number,
        order_id,
        record_id
    from {{ ref('stg_shopify__orders') }}

    union all

    select
        {{ order_number_key('coalesce(reference_id, interaction_id)') }} as order_number,
        {{ files_order_id() }} as order_id,
        record_id
    from {{ ref('stg_files__interactions') }}
    where kind in ('order', 'order_line')

)

select
    order_number,
    min(order_id) as order_id,
    min(record_id) as record_id
from numbers
where order_number ~ '[0-9]' and order_id is not null
group by order_number
having min(order_id) = max(order_id)
