-- How many customers came to each stage, and how many went on. One row per stage.
--
-- The road is aware, engaged, considering, bought, loyal. served lies beside it: of those who asked something after a
-- purchase, who bought again after that.
{%- set stages = [
    {'stage': 'aware', 'next': 'engaged', 'went_on_at': 'engaged_at'},
    {'stage': 'engaged', 'next': 'considering', 'went_on_at': 'considering_at'},
    {'stage': 'considering', 'next': 'bought', 'went_on_at': 'bought_at'},
    {'stage': 'bought', 'next': 'loyal', 'went_on_at': 'loyal_at'},
    {'stage': 'served', 'next': 'loyal', 'went_on_at': 'bought_after_service_at'},
    {'stage': 'loyal', 'next': none, 'went_on_at': none},
] %}

with

-- All stages side by side in one look at the customers, then one below the other.
figures as (

    select
        {%- for of in stages if of.went_on_at %}
            count({{ of.stage }}_at) as {{ of.stage }}_reached,
            count({{ of.went_on_at }}) as {{ of.stage }}_went_on,
            percentile_cont(0.5) within group (
                order by date_part('epoch', {{ of.went_on_at }} - {{ of.stage }}_at) / 86400
            ) as {{ of.stage }}_median_days,
        {%- endfor %}
        count(loyal_at) as loyal_reached,
        0 as loyal_went_on,
        cast(null as double precision) as loyal_median_days
    from {{ ref('journey_stages') }}

),

stages as (
    {% for of in stages %}
        select
            '{{ of.stage }}' as stage,
            {{ loop.index }} as position,
            {{ "'" ~ of.next ~ "'" if of.next else 'null' }} as next_stage,
            {{ of.stage }}_reached as reached,
            {{ of.stage }}_went_on as went_on,
            {{ of.stage }}_median_days as median_days
        from figures
        {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    stage,
    position,
    next_stage,
    reached,
    cast(went_on as bigint) as went_on,
    cast(round(cast(went_on as numeric) / nullif(reached, 0), 4) as numeric(5, 4)) as share,
    cast(median_days as numeric(10, 2)) as median_days
from stages
