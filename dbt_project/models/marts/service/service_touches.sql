-- What of the timeline the figures of customer service are made of: tickets of the customer, calls, our messages within
-- a case, and answers to surveys. One row per such touchpoint, those of nobody known included.
-- A few hundred thousand of two million touchpoints, put aside so that not all of them are read again on every run.
-- Of nobody's touchpoints the timeline announces each that may be one of these (see its `announces`).
{{ config(
    materialized='difference',
    key=['interaction_id'],
    announces="coalesce(case_id, interaction_id)",
    follows=['touchpoints', 'conversation_members'],
    scope='coalesce(customer_id, interaction_id)'
) }}
{%- set columns = [
    'interaction_id', 'case_id', 'customer_id', 'record_id', 'source', 'channel', 'team', 'topic', 'subject', 'order_id',
    'kind', 'direction', 'occurred_at', 'outcome', 'rating', 'rating_scale', 'wait_seconds', 'handle_seconds',
] %}
{%- set is_of_service %}
is_past
and (
    kind = 'ticket' and case_id is not null and coalesce(direction, 'inbound') = 'inbound'
    or kind = 'call'
    or kind = 'message' and case_id is not null and direction = 'outbound'
    or kind in ('rating', 'survey') and rating is not null
)
{%- endset %}
with

members as {{ put_aside() }} (

    select
        interaction_id,
        conversation_id
    from {{ ref('conversation_members') }}
    where {{ only_changed('customer_id') }}

)

select
    {%- for column in columns %}
        touchpoints.{{ column }},
    {%- endfor %}
    members.conversation_id
from {{ ref('touchpoints') }} as touchpoints
left join members on touchpoints.interaction_id = members.interaction_id
where touchpoints.customer_id is not null and {{ only_changed('touchpoints.customer_id') }} and {{ is_of_service }}

union all

select
    {%- for column in columns %}
        {{ column }},
    {%- endfor %}
    cast(null as text) as conversation_id
from {{ ref('touchpoints') }}
where customer_id is null and {{ only_changed('interaction_id') }} and {{ is_of_service }}
