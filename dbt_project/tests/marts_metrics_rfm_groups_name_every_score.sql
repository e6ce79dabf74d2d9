-- The seed names each of the twenty-five pairs of scores once; buyers with a pair that it forgets have no group.
{{ config(meta={'dagster': {'ref': {'name': 'rfm_groups'}}}) }}

select
    recency.score as recency,
    value.score as value,
    count(groups.rfm_group) as name_count
from generate_series(1, 5) as recency (score)
cross join generate_series(1, 5) as value (score)
left join {{ ref('rfm_groups') }} as groups on recency.score = groups.recency and value.score = groups.value
group by recency.score, value.score
having count(groups.rfm_group) <> 1
