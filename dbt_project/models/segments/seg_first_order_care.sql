-- People whose one and only order is fresh: the moment that decides whether they come back. Threshold:
-- `first_order_care_days`.
{% set rule %}
all:
  - {trait: order_count, is: 1}
  - {trait: first_order_at, within_days: {{ var('first_order_care_days', 14) }}}
{% endset %}
{{ segment(rule) }}
