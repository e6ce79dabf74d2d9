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

earlier_rules as (

    select
        key as segment,
        value as digest
    from last_run
    where kind = 'rule'

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

-- The records of these customers: those of the last run, those of now. Put together and gathered, not joined: how many
-- they are nobody can tell beforehand.
their_records as materialized (

    select
        customer_id,
        record_id,
        bool_or(was_theirs) as was_theirs,
        bool_or(is_theirs) as is_theirs
    from (
        select
            value as customer_id,
            key as record_id,
            true as was_theirs,
            false as is_theirs
        from last_run
        where kind = 'record' and value in (select apart.customer_id from apart)

        union all

        select
            customer_id,
            record_id,
            false as was_theirs,
            true as is_theirs
        from {{ ref('record_inputs') }}
        where customer_id in (select apart.customer_id from apart)
    ) as both_runs
    group by customer_id, record_id

),

-- Those who lost a record, got one beside what they had, or one that somebody else had. A customer of whom every record
-- is new is a newcomer, not a change of who is who.
changed_customers as (

    select customer_id
    from their_records
    group by customer_id
    having bool_or(was_theirs) and not bool_and(was_theirs and is_theirs)

    union

    select their_records.customer_id
    from their_records
    inner join last_run on their_records.record_id = last_run.key
    where not their_records.was_theirs and last_run.kind = 'record'

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
