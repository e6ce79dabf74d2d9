-- Who entered which segment when, who left it, and why. One row per segment, customer and time in it.
-- The runs of the past are what it is made of, so --full-refresh keeps it. Why: `identity` when the records of the
-- customer are others than in the last run (joined, split, moved, gone), else `rule` when what defines the segment is
-- another (or it is new, or gone), else `data`. A run that is repeated for the same moment corrects what it said; a run
-- for a moment before the last one changes nothing: the past is not rewritten from here.
{{ config(
    materialized='incremental',
    unique_key=['segment', 'customer_id', 'entered_at'],
    incremental_strategy='delete+insert',
    on_schema_change='append_new_columns',
    full_refresh=false,
    indexes=[{'columns': ['customer_id']}],
    pre_hook="set local work_mem = '" ~ var('difference_work_mem', '256MB') ~ "'",
) }}
with

last_run as not materialized (
    {{ segment_last_run(this) | indent(4) }}
),

earlier_records as not materialized (

    select
        key as record_id,
        value as customer_id
    from last_run
    where kind = 'record'

),

earlier_rules as (

    select
        key as segment,
        value as digest
    from last_run
    where kind = 'rule'

),

moved_records as (

    select
        earlier.customer_id as earlier_customer_id,
        records.customer_id
    from earlier_records as earlier
    full outer join {{ ref('record_inputs') }} as records
        on earlier.record_id = records.record_id
    where earlier.customer_id is distinct from records.customer_id

),

-- A customer of whom every record is new is a newcomer, not a change of who is who.
changed_customers as (

    select earlier_customer_id as customer_id
    from moved_records
    where earlier_customer_id is not null

    union

    select customer_id
    from moved_records
    where earlier_customer_id is not null

    union

    -- A join: of a quarter of a million records a list would be read anew for each.
    select moved_records.customer_id
    from moved_records
    inner join earlier_records on moved_records.customer_id = earlier_records.customer_id

),

changed_segments as (

    select coalesce(earlier.segment, catalogue.segment) as segment
    from earlier_rules as earlier
    full outer join {{ ref('segment_catalogue') }} as catalogue
        on earlier.segment = catalogue.segment
    where earlier.digest is distinct from catalogue.digest and exists (select 1 from last_run)

),

open_times as not materialized (
    {{ segment_open_times(this) | indent(4) }}
),

-- Whom the history has in a segment and who is in it differ for few: of those alone the times are gone through.
apart as materialized (

    select
        coalesce(going_on.segment, members.segment) as segment,
        coalesce(going_on.customer_id, members.customer_id) as customer_id,
        members.customer_id is not null as is_member
    from (
        select
            segment,
            customer_id
        from open_times
        where left_at is null
    ) as going_on
    full outer join {{ ref('segment_memberships') }} as members
        on going_on.segment = members.segment and going_on.customer_id = members.customer_id
    where going_on.customer_id is null or members.customer_id is null

),

-- With the last time in the segment, where somebody left and came back within one moment.
moves as (

    select
        apart.segment,
        apart.customer_id,
        apart.is_member,
        latest.entered_at,
        latest.entered_because,
        case
            when apart.customer_id in (select changed_customers.customer_id from changed_customers) then 'identity'
            when apart.segment in (select changed_segments.segment from changed_segments) then 'rule'
            else 'data'
        end as because
    from apart
    left join lateral (
        select
            open_times.entered_at,
            open_times.entered_because
        from open_times
        where open_times.segment = apart.segment and open_times.customer_id = apart.customer_id
        order by open_times.entered_at desc
        limit 1
    ) as latest on true

)

select
    moves.segment,
    moves.customer_id,
    coalesce(moves.entered_at, {{ as_of() }}) as entered_at,
    case when not moves.is_member then {{ as_of() }} end as left_at,
    coalesce(moves.entered_because, moves.because) as entered_because,
    case when not moves.is_member then moves.because end as left_because
from moves
where {{ segment_is_latest_run(this) }}
