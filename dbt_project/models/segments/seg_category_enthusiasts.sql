-- People who keep buying in one category. Thresholds: `enthusiast_minimum_orders`, `enthusiast_share` (of units).
{% set rule %}
all:
  - {trait: top_category_order_count, at_least: {{ var('enthusiast_minimum_orders', 3) }}}
  - {trait: top_category_share, at_least: {{ var('enthusiast_share', 0.6) }}}
{% endset %}
{{ segment(rule, shows=['favourite_category']) }}
