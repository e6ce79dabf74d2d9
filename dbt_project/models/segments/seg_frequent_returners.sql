-- People who send back much of what they order. Thresholds: `returner_minimum_returns`, `returner_share`.
{% set rule %}
all:
  - {trait: returned_order_count, at_least: {{ var('returner_minimum_returns', 2) }}}
  - {trait: return_rate, at_least: {{ var('returner_share', 0.33) }}}
{% endset %}
{{ segment(rule) }}
