-- Every touchpoint of every source is on the timeline once: counts by source and kind agree with staging. The timeline
-- is counted by source and kind only where its sum is another (`weight_of`).
{{ config(meta={'dagster': {'ref': {'name': 'interactions'}}}) }}

with

staged as materialized (

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
        from {{ ref('stg_files__interactions') }}
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
    from {{ ref('interactions') }}
    group by 1, 2

),

sums as (

    select
        (
            select coalesce(sum(row_count * {{ weight_of(["coalesce(source, '')", "coalesce(kind, '')"]) }}), 0)
            from staged
        ) as of_staging,
        (
            select coalesce(sum({{ weight_of(['source', 'kind']) }}), 0) from {{ ref('interactions') }}
        ) as of_timeline

)

select
    coalesce(staged.source, listed.source) as source,
    coalesce(staged.kind, listed.kind) as kind,
    staged.row_count as expected,
    listed.row_count as found
from staged
full outer join listed on staged.source = listed.source and staged.kind = listed.kind
where
    (select sums.of_staging <> sums.of_timeline from sums)
    and staged.row_count is distinct from listed.row_count
