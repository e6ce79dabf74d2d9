-- How large each segment was on each day, and how many of it could be reached. One row per segment and day (UTC) on
-- which it was measured; the last run of a day counts. What was measured once is kept: also by --full-refresh, and when
-- the segment is gone.
{{ config(
    materialized='incremental',
    unique_key=['segment', 'measured_on'],
    incremental_strategy='delete+insert',
    on_schema_change='append_new_columns',
    full_refresh=false,
) }}
select
    catalogue.segment,
    cast({{ as_of() }} at time zone 'UTC' as date) as measured_on,
    catalogue.size,
    max(reach.reachable_count) filter (where reach.channel = 'email') as email_reachable_count,
    max(reach.reachable_count) filter (where reach.channel = 'sms') as sms_reachable_count,
    max(reach.reachable_count) filter (where reach.channel = 'phone') as phone_reachable_count,
    max(reach.reachable_count) filter (where reach.channel = 'whatsapp') as whatsapp_reachable_count,
    max(reach.reachable_count) filter (where reach.channel = 'advertising') as advertising_reachable_count
from {{ ref('segment_catalogue') }} as catalogue
inner join {{ ref('segment_reach') }} as reach
    on catalogue.segment = reach.segment
group by catalogue.segment, catalogue.size
