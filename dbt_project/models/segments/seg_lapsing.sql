-- Repeat buyers who have gone quiet, but are not lost yet. Thresholds: `lapsing_minimum_orders`, `lapsing_from_days`,
-- `lapsing_to_days`.
{% set rule %}
all:
  - {trait: order_count, at_least: {{ var('lapsing_minimum_orders', 2) }}}
  - {trait: days_since_last_order, between: [{{ var('lapsing_from_days', 120) }}, {{ var('lapsing_to_days', 365) }}]}
{% endset %}
{{ segment(rule) }}
