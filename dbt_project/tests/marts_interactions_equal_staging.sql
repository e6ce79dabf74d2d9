-- Every touchpoint of every source is on the timeline once: counts by source and kind agree with staging. Counted are
-- the tables, of which an index has it all: the views over them find for each row one of another table, or none, by its
-- key.
{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}}) }}

with

staged as (

    select
        source,
        kind,
        sum(row_count) as row_count
    from (
        select
            'shopify' as source,
            'order' as kind,
            count(*) as row_count
        from {{ ref('stg_shopify__orders') }}
        union all
        select
            'shopify' as source,
            'checkout' as kind,
            count(*) as row_count
        from {{ ref('stg_shopify__abandoned_checkouts') }}
        union all
        select
            'shopify' as source,
            'return' as kind,
            count(*) as row_count
        from {{ ref('stg_shopify__returns') }}
        union all
        select
            'zendesk' as source,
            'ticket' as kind,
            count(*) as row_count
        from {{ ref('stg_zendesk__tickets') }}
        union all
        select
            'zendesk' as source,
            'rating' as kind,
            count(*) as row_count
        from {{ ref('stg_zendesk__satisfaction_ratings') }}
        where score in ('good', 'bad')
        union all
        select
            'meta' as source,
            'message' as kind,
            count(*) as row_count
        from {{ ref('stg_meta__messages') }}
        union all
        select
            'meta' as source,
            'comment' as kind,
            count(*) as row_count
        from {{ ref('stg_meta__comments') }}
        union all
        select
            'x' as source,
            'message' as kind,
            count(*) as row_count
        from {{ ref('stg_x__direct_messages') }}
        union all
        select
            'x' as source,
            'mention' as kind,
            count(*) as row_count
        from {{ ref('stg_x__mentions') }}
        union all
        select
            'salesforce' as source,
            'campaign_response' as kind,
            count(*) as row_count
        from {{ ref('stg_salesforce__campaign_members') }}
        where has_responded
        union all
        select
            'zendesk' as source,
            case when is_public is false then 'note' else 'message' end as kind,
            count(*) as row_count
        from {{ ref('stg_zendesk__ticket_comments') }}
        group by 2
        union all
        select
            source,
            coalesce(kind, 'other') as kind,
            count(*) as row_count
        from {{ ref('base_files__interactions') }}
        where quarantine_reason is null
        group by 1, 2
        union all
        select
            'events' as source,
            kind,
            count(*) as row_count
        from {{ ref('stg_events__interactions') }}
        group by 2
    ) as touchpoints
    group by 1, 2
    having sum(row_count) > 0

),

listed as (

    select
        source,
        kind,
        count(*) as row_count
    from {{ ref('touchpoints') }}
    group by 1, 2

)

select
    coalesce(staged.source, listed.source) as source,
    coalesce(staged.kind, listed.kind) as kind,
    staged.row_count as expected,
    listed.row_count as found
from staged
full outer join listed on staged.source = listed.source and staged.kind = listed.kind
where staged.row_count is distinct from listed.row_count
