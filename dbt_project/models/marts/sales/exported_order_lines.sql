-- Lines of orders of systems that export lines and no orders, such as a marketplace's report.
-- One row per line. Lines of one source, stream and order number are one order, of the first record among them (an
-- order has one buyer). Lines of one order in several currencies are an order per currency: money of two currencies is
-- never added.
{{ config(materialized='view') }}

with

lines as (

    select
        *,
        {{ files_order_id() }} as numbered_id,
        coalesce(lower(status) in ('cancelled', 'canceled', 'voided', 'refused'), false) as is_cancelled
    from {{ ref('stg_files__interactions') }}
    where kind = 'order_line'

)

select
    concat_ws(':', source, stream, interaction_id) as order_line_id,
    numbered_id
    || case
        when coalesce(currency, '') = min(coalesce(currency, '')) over (partition by numbered_id) then ''
        else ':' || currency
    end as order_id,
    source,
    coalesce(reference_id, interaction_id) as order_name,
    min(record_id) over (partition by numbered_id) as record_id,
    channel,
    occurred_at as ordered_at,
    status,
    is_cancelled,
    product_id,
    product_title as title,
    category,
    cast(quantity as numeric(18, 3)) as quantity,
    cast(amount as numeric(18, 4)) as amount,
    currency
from lines
