-- A system that exports its orders and also their lines would have every sale counted twice: the mapping should bring
-- in one of the two. Each order that came in both ways is a row.
{{ config(meta={'dagster': {'ref': {'name': 'exported_order_lines'}}}) }}

select
    lines.source,
    lines.order_name,
    placed.interaction_id as exported_as
from {{ ref('exported_order_lines') }} as lines
inner join {{ ref('stg_files__interactions') }} as placed
    on
        lines.source = placed.source
        and lines.order_name in (placed.reference_id, placed.interaction_id, split_part(placed.interaction_id, ':', 3))
where placed.kind = 'order'
