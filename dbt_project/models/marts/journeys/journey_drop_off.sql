-- How many customers came to each stage, and how many went on. One row per stage.
--
-- The road is aware, engaged, considering, bought, loyal. served lies beside it: of those who asked something after a
-- purchase, who bought again after that.
with

stages as (

    select
        lived.stage,
        lived.position,
        lived.next_stage,
        lived.reached_at,
        lived.went_on_at
    from {{ ref('journey_stages') }} as customers
    cross join lateral (
        values
        ('aware', 1, 'engaged', customers.aware_at, customers.engaged_at),
        ('engaged', 2, 'considering', customers.engaged_at, customers.considering_at),
        ('considering', 3, 'bought', customers.considering_at, customers.bought_at),
        ('bought', 4, 'loyal', customers.bought_at, customers.loyal_at),
        ('served', 5, 'loyal', customers.served_at, customers.bought_after_service_at),
        ('loyal', 6, null, customers.loyal_at, null)
    ) as lived (stage, position, next_stage, reached_at, went_on_at)

)

select
    stage,
    position,
    next_stage,
    count(reached_at) as reached,
    count(went_on_at) as went_on,
    cast(round(cast(count(went_on_at) as numeric) / nullif(count(reached_at), 0), 4) as numeric(5, 4)) as share,
    cast(
        percentile_cont(0.5) within group (order by extract(epoch from went_on_at - reached_at) / 86400)
        as numeric(10, 2)
    ) as median_days
from stages
group by stage, position, next_stage
