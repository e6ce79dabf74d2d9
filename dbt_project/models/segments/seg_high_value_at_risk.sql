-- Good customers with a reason to leave: gone quiet, rated us badly, or would not recommend us. Thresholds:
-- `high_value_share` (share of buyers), `at_risk_from_days`, `at_risk_to_days`, `at_risk_rating_days`.
{% set rule %}
all:
  - {trait: spend_rank, at_most: {{ var('high_value_share', 0.2) }}}
  - {trait: order_count, at_least: 2}
  - any:
      - {trait: days_since_last_order, between: [{{ var('at_risk_from_days', 90) }}, {{ var('at_risk_to_days', 365) }}]}
      - {trait: last_bad_rating_at, within_days: {{ var('at_risk_rating_days', 60) }}}
      - all:
          - {trait: last_nps, at_most: 6}
          - {trait: last_nps_at, within_days: {{ var('at_risk_rating_days', 60) }}}
{% endset %}
{{ segment(rule) }}
