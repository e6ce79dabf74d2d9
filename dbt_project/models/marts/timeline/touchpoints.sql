-- Every touchpoint of every source with the customer it belongs to and the order it is about. One row per touchpoint.
--
-- The order, by the strongest evidence there is: the touchpoint is the order, or its record names it (`record`); the
-- customer wrote its number here (`written`); the number was written elsewhere in the same case (`ticket`).
{{ config(
    materialized='difference',
    key=['interaction_id'],
    together='customer_id',
    announces=[
        'customer_id',
        "case when customer_id is null and kind in ('ticket', 'call', 'message', 'rating', 'survey') "
            ~ "then interaction_id end"
    ],
    follows=[
        'touchpoints_shopify', 'touchpoints_zendesk', 'touchpoints_meta', 'touchpoints_x', 'touchpoints_salesforce',
        'touchpoints_files', 'touchpoints_events', 'written_identifiers', 'order_numbers', 'identity.record_customers'
    ],
    scope='interaction_id',
    indexes=[
        {'columns': ['customer_id']}, {'columns': ['record_id']}, {'columns': ['case_id']},
        {'columns': ['kind', 'source']}
    ]
) }}

{{ touchpoints_changed() }}

with

of_help_desk as {{ put_aside() }} (

    select *
    from {{ ref('touchpoints_zendesk') }}
    where {{ only_found('interaction_id', 'zendesk:') }}

),

of_files as {{ put_aside() }} (

    select *
    from {{ ref('touchpoints_files') }}
    where {{ only_found('interaction_id', 'files:') }}

),

of_events as {{ put_aside() }} (

    select *
    from {{ ref('touchpoints_events') }}
    where {{ only_changed('interaction_id') }}

),

touchpoints as (

    select * from {{ ref('touchpoints_shopify') }}
    where {{ only_found('interaction_id', 'shopify:') }}

    union all
    select * from of_help_desk

    union all
    select * from {{ ref('touchpoints_meta') }}
    where {{ only_found('interaction_id', 'meta:') }}

    union all
    select * from {{ ref('touchpoints_x') }}
    where {{ only_found('interaction_id', 'x:') }}

    union all
    select * from {{ ref('touchpoints_salesforce') }}
    where {{ only_found('interaction_id', 'salesforce:') }}

    union all
    select * from of_files

    union all
    select * from of_events

),

-- Of several numbers in one text the smallest, for the sake of one answer.
written as (

    select
        interaction_id,
        min(order_id) as order_id
    from {{ ref('written_identifiers') }}
    where kind = 'order' and {{ only_changed('interaction_id') }}
    group by interaction_id

),

-- Only help desks and files have cases; two million touchpoints need not be gathered twice for them. A touchpoint that
-- is computed again needs all of its case: `touchpoints_changed` sees to it.
in_cases as (

    select
        case_id,
        interaction_id,
        occurred_at
    from of_help_desk

    union all

    select
        case_id,
        interaction_id,
        occurred_at
    from of_files
    where case_id is not null

),

-- The number that was written first in the case.
cases as (

    select distinct on (in_cases.case_id)
        in_cases.case_id,
        written.order_id
    from in_cases
    inner join written on in_cases.interaction_id = written.interaction_id
    order by in_cases.case_id asc, in_cases.occurred_at asc, in_cases.interaction_id asc

),

-- A record that names an order by number is believed when the order is the same customer's, or nobody's.
named as (

    select
        filed.interaction_id,
        order_numbers.order_id
    from (
        select
            interaction_id,
            record_id,
            order_number
        from of_files
        where order_number is not null
        union all
        select
            interaction_id,
            record_id,
            order_number
        from of_events
        where order_number is not null
    ) as filed
    inner join {{ ref('order_numbers') }} as order_numbers
        on {{ order_number_key('filed.order_number') }} = order_numbers.order_number
    left join {{ source('identity', 'record_customers') }} as writers on filed.record_id = writers.record_id
    left join {{ source('identity', 'record_customers') }} as buyers on order_numbers.record_id = buyers.record_id
    where buyers.customer_id is null or buyers.customer_id = writers.customer_id

)

select
    touchpoints.interaction_id,
    record_customers.customer_id,
    touchpoints.record_id,
    touchpoints.occurred_at,
    coalesce(touchpoints.occurred_at <= {{ as_of() }}, false) as is_past,
    touchpoints.channel,
    touchpoints.kind,
    coalesce({{ is_communication('touchpoints.kind', 'touchpoints.channel') }}, false) as is_communication,
    touchpoints.direction,
    touchpoints.subject,
    touchpoints.body,
    touchpoints.amount,
    touchpoints.currency,
    touchpoints.quantity,
    touchpoints.sentiment,
    touchpoints.rating,
    touchpoints.rating_scale,
    touchpoints.source,
    touchpoints.reference_id,
    touchpoints.source_thread_id,
    touchpoints.case_id,
    touchpoints.is_open_case,
    coalesce(touchpoints.order_id, named.order_id, written.order_id, cases.order_id) as order_id,
    case
        when coalesce(touchpoints.order_id, named.order_id) is not null then 'record'
        when written.order_id is not null then 'written'
        when cases.order_id is not null then 'ticket'
    end as order_evidence,
    touchpoints.first_reply_at,
    touchpoints.topic,
    touchpoints.team,
    touchpoints.agent,
    touchpoints.product_id,
    touchpoints.product_title,
    touchpoints.category,
    touchpoints.campaign,
    touchpoints.outcome,
    touchpoints.wait_seconds,
    touchpoints.handle_seconds,
    touchpoints.session_id
from touchpoints
left join {{ source('identity', 'record_customers') }} as record_customers
    on touchpoints.record_id = record_customers.record_id
left join named on touchpoints.interaction_id = named.interaction_id
left join written on touchpoints.interaction_id = written.interaction_id
left join cases on touchpoints.case_id = cases.case_id
