-- Devices that several people use: what was done on one is nobody's, unless it says whose. Grain: one row per device.
{{ config(
    materialized='difference',
    key=['record_id'],
    announces="'device:' || record_id",
    indexes=[{'columns': ['record_id'], 'unique': true}]
) }}

select record_id
from {{ ref('stg_files__named_people') }}
where is_shared
