-- Why a customer is in a segment, or is not: every condition with the value seen and whether it holds. Computed for who
-- asks, so ask for one customer. One row per customer, segment and condition.
{{ config(materialized='view') }}
{{ segment_why_rows() }}
