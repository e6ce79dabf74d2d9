{#-
  Which touchpoints are computed again because of something else than their own row, said in the order in which the one
  leads to the other. What is known to be changed are the names that the tables below the timeline announce: touchpoints
  (`shopify:order:7`), what they look things up in (`shopify:product:7`, `zendesk:user:7`, `number:#1007`, the ids of
  cases and of devices), and the records that identity gave to somebody else.
-#}
{% macro touchpoints_changed() -%}
{%- set stored = this -%}
{% call also_changed() %}
    select 'shopify:checkout:' || checkout_id
    from {{ ref('stg_shopify__abandoned_checkouts') }}
    where {{ any_named('shopify:product:') }} and product_ids[1] in {{ changed_named('shopify:product:') }}
{% endcall %}
{% call also_changed() %}
    select 'shopify:return:' || return_id
    from {{ ref('stg_shopify__returns') }}
    where order_id = {{ any_changed_named('shopify:order:') }}
{% endcall %}
{% call also_changed() %}
    select 'salesforce:campaign_response:' || campaign_member_id
    from {{ ref('stg_salesforce__campaign_members') }}
    where {{ any_named('salesforce:campaign:') }} and campaign_id in {{ changed_named('salesforce:campaign:') }}
{% endcall %}
{% call also_changed() %}
    select 'zendesk:comment:' || comment_id
    from {{ ref('stg_zendesk__ticket_comments') }}
    where author_id = {{ any_changed_named('zendesk:user:') }}
{% endcall %}
{% call also_changed() %}
    select interaction_id
    from {{ ref('touchpoints_files') }}
    where {{ any_named('device:') }} and record_id in {{ changed_named('device:') }}
    union
    select interaction_id
    from {{ stored }}
    where record_id = {{ any_changed_named('device:') }}
{% endcall %}
-- The records that are somebody else's now, or were told to be: what was ever done by them.
{% call also_changed() %}
    select interaction_id from {{ stored }} where record_id = {{ any_changed() }}
{% endcall %}
-- What names an order by its number, when the number, or the buyer's customer, is another.
{% call also_changed() %}
    select 'number:' || order_number from {{ ref('order_numbers') }} where record_id = {{ any_changed() }}
{% endcall %}
{% call also_changed() %}
    select interaction_id
    from {{ ref('touchpoints_files') }}
    where {{ order_number_key('order_number') }} = {{ any_changed_named('number:') }}
    union all
    select interaction_id
    from {{ ref('touchpoints_events') }}
    where order_number is not null and {{ order_number_key('order_number') }} in {{ changed_named('number:') }}
{% endcall %}
-- Whatever is of one case: the number of an order that is written in it is evidence for all of it. What is new told its
-- case itself.
{% call also_changed() %}
    select case_id from {{ stored }} where case_id is not null and interaction_id = {{ any_changed() }}
{% endcall %}
{% call also_changed() %}
    select interaction_id from {{ stored }} where case_id = {{ any_changed() }}
{% endcall %}
{%- endmacro %}
