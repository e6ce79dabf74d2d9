-- The omnichannel timeline: every touchpoint of every channel in one shape.
-- One row per touchpoint. A touchpoint whose record is unknown, or belongs to nobody, keeps a null customer.
with

orders as (

    select
        'shopify:order:' || order_id as interaction_id,
        record_id,
        ordered_at as occurred_at,
        channel,
        'order' as kind,
        'inbound' as direction,
        order_name as subject,
        total_amount as amount,
        currency,
        'shopify' as source,
        order_id as reference_id
    from {{ ref('stg_shopify__orders') }}

),

checkouts as (

    select
        'shopify:checkout:' || checkout_id as interaction_id,
        record_id,
        started_at as occurred_at,
        'web' as channel,
        'checkout' as kind,
        'inbound' as direction,
        case when completed_at is null then 'Checkout left' else 'Checkout completed' end as subject,
        total_amount as amount,
        currency,
        'shopify' as source,
        checkout_id as reference_id
    from {{ ref('stg_shopify__abandoned_checkouts') }}

),

returns as (

    select
        'shopify:return:' || returns.return_id as interaction_id,
        orders.record_id,
        coalesce(returns.requested_at, orders.ordered_at) as occurred_at,
        orders.channel,
        'return' as kind,
        'inbound' as direction,
        returns.reason as subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'shopify' as source,
        returns.order_id as reference_id
    from {{ ref('stg_shopify__returns') }} as returns
    left join {{ ref('stg_shopify__orders') }} as orders
        on returns.order_id = orders.order_id

),

tickets as (

    select
        'zendesk:ticket:' || ticket_id as interaction_id,
        record_id,
        created_at as occurred_at,
        channel,
        'ticket' as kind,
        'inbound' as direction,
        subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'zendesk' as source,
        ticket_id as reference_id
    from {{ ref('stg_zendesk__tickets') }}

),

-- What an agent wrote belongs on the timeline of the customer who asked. A note the customer never saw is a note.
ticket_comments as (

    select
        'zendesk:comment:' || comments.comment_id as interaction_id,
        coalesce(comments.record_id, tickets.record_id) as record_id,
        comments.created_at as occurred_at,
        coalesce(comments.channel, tickets.channel) as channel,
        case when comments.is_public is false then 'note' else 'message' end as kind,
        case when comments.is_public is false then 'internal' else comments.direction end as direction,
        comments.body as subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'zendesk' as source,
        comments.ticket_id as reference_id
    from {{ ref('stg_zendesk__ticket_comments') }} as comments
    left join {{ ref('stg_zendesk__tickets') }} as tickets
        on comments.ticket_id = tickets.ticket_id

),

-- `offered` and `unoffered` are the help desk's states, not the customer's answers.
ratings as (

    select
        'zendesk:rating:' || ratings.rating_id as interaction_id,
        coalesce(ratings.record_id, tickets.record_id) as record_id,
        coalesce(ratings.updated_at, ratings.created_at) as occurred_at,
        tickets.channel,
        'rating' as kind,
        'inbound' as direction,
        concat_ws(': ', ratings.score, nullif(ratings.comment, '')) as subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'zendesk' as source,
        ratings.ticket_id as reference_id
    from {{ ref('stg_zendesk__satisfaction_ratings') }} as ratings
    left join {{ ref('stg_zendesk__tickets') }} as tickets
        on ratings.ticket_id = tickets.ticket_id
    where ratings.score in ('good', 'bad')

),

messages as (

    select
        'meta:message:' || message_id as interaction_id,
        record_id,
        sent_at as occurred_at,
        platform as channel,
        'message' as kind,
        direction,
        body as subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'meta' as source,
        conversation_id as reference_id
    from {{ ref('stg_meta__messages') }}

    union all

    select
        'x:message:' || message_id as interaction_id,
        record_id,
        sent_at as occurred_at,
        'x' as channel,
        'message' as kind,
        direction,
        body as subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'x' as source,
        conversation_id as reference_id
    from {{ ref('stg_x__direct_messages') }}

),

posts as (

    select
        'meta:comment:' || comment_id as interaction_id,
        record_id,
        commented_at as occurred_at,
        'instagram' as channel,
        'comment' as kind,
        'inbound' as direction,
        body as subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'meta' as source,
        media_id as reference_id
    from {{ ref('stg_meta__comments') }}

    union all

    select
        'x:mention:' || post_id as interaction_id,
        record_id,
        posted_at as occurred_at,
        'x' as channel,
        'mention' as kind,
        'inbound' as direction,
        body as subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'x' as source,
        post_id as reference_id
    from {{ ref('stg_x__mentions') }}

),

campaign_responses as (

    select
        'salesforce:campaign_response:' || members.campaign_member_id as interaction_id,
        members.record_id,
        coalesce(members.responded_at, members.updated_at, members.created_at) as occurred_at,
        lower(coalesce(campaigns.type, 'campaign')) as channel,
        'campaign_response' as kind,
        'inbound' as direction,
        concat_ws(': ', campaigns.name, members.status) as subject,
        cast(null as numeric) as amount,
        cast(null as text) as currency,
        'salesforce' as source,
        members.campaign_id as reference_id
    from {{ ref('stg_salesforce__campaign_members') }} as members
    left join {{ ref('stg_salesforce__campaigns') }} as campaigns
        on members.campaign_id = campaigns.campaign_id
    where members.has_responded

),

file_interactions as (

    select
        concat_ws(':', 'files', source, stream, interaction_id) as interaction_id,
        record_id,
        occurred_at,
        channel,
        kind,
        direction,
        subject,
        amount,
        currency,
        source,
        coalesce(reference_id, interaction_id) as reference_id
    from {{ ref('stg_files__interactions') }}

),

touchpoints as (

    select * from orders

    union all
    select * from checkouts

    union all
    select * from returns

    union all
    select * from tickets

    union all
    select * from ticket_comments

    union all
    select * from ratings

    union all
    select * from messages

    union all
    select * from posts

    union all
    select * from campaign_responses

    union all
    select * from file_interactions

)

select
    touchpoints.interaction_id,
    record_customers.customer_id,
    touchpoints.record_id,
    touchpoints.occurred_at,
    touchpoints.channel,
    touchpoints.kind,
    touchpoints.direction,
    touchpoints.subject,
    cast(touchpoints.amount as numeric(18, 2)) as amount,
    touchpoints.currency,
    touchpoints.source,
    touchpoints.reference_id
from touchpoints
left join {{ source('identity', 'record_customers') }} as record_customers
    on touchpoints.record_id = record_customers.record_id
