-- From which channel to which customers go on with what they had begun. One row per pair of channels.
select
    from_channel,
    to_channel,
    count(*) as handover_count,
    count(distinct conversation_id) as conversation_count,
    cast(percentile_cont(0.5) within group (order by hours) as numeric(12, 2)) as median_hours
from {{ ref('service_handovers') }}
group by from_channel, to_channel
