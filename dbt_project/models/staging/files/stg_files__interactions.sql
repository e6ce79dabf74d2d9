-- Touchpoints from files that a mapping brought in. Grain: one row per interaction of a file.
select
    interaction_id,
    record_id,
    stream,
    source,
    occurred_at,
    channel,
    kind,
    direction,
    subject,
    amount,
    currency,
    reference_id
from {{ ref('base_files__interactions') }}
where quarantine_reason is null
