-- Promise 7: nothing is lost in silence. A row that a model drops, or doubles, without a reason in the quarantine fails
-- here, with its stream. Raw is counted in raw itself: a count taken from a model could not disagree with it.
{{ config(meta={'dagster': {'ref': {'name': 'stream_counts'}}}) }}

with raw_rows as (
    {% call(source_name, stream) each_stream() %}
    select
        '{{ source_name }}' as source,
        '{{ stream }}' as stream,
        count(*) as raw_rows
    from ({{ raw_stream(source_name, stream) }}) as raw
    {% endcall %}
)

select
    raw_rows.source,
    raw_rows.stream,
    raw_rows.raw_rows,
    counts.staged_rows,
    counts.quarantined_rows
from raw_rows
left join {{ ref('stream_counts') }} as counts on raw_rows.source = counts.source and raw_rows.stream = counts.stream
where raw_rows.raw_rows is distinct from counts.staged_rows + counts.quarantined_rows
