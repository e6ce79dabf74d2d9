-- What the next run compares with, to say why somebody entered or left: which customer each record belonged to, and how
-- each segment was defined. One row per kind and key. Written after the history, which reads the former content.
-- depends_on: {{ ref('segment_membership_history') }}
{{ config(materialized='difference', key=['kind', 'key']) }}
select
    'record' as kind,
    record_id as key,
    customer_id as value
from {{ ref('record_inputs') }}

union all

select
    'rule' as kind,
    segment as key,
    digest as value
from {{ ref('segment_catalogue') }}
