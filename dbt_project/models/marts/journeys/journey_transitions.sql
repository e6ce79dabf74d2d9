-- From which channel customers go on to which, how often, and how long it takes (`journey_steps`). One row per pair of
-- channels, the pair of a channel with itself included.
select
    from_channel,
    to_channel,
    count(*) as step_count,
    count(*) filter (where is_first) as customer_count,
    cast(
        percentile_cont(0.5) within group (order by cast(seconds as double precision)) / 3600 as numeric(10, 2)
    ) as median_hours,
    cast(sum(seconds) / count(*) / 3600 as numeric(10, 2)) as mean_hours
from {{ ref('journey_steps') }}
where is_step
group by from_channel, to_channel
