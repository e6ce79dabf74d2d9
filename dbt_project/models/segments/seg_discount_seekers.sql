-- People who mostly buy at a discount. Thresholds: `discount_seeker_minimum_orders`, `discount_seeker_share`.
{% set rule %}
all:
  - {trait: order_count, at_least: {{ var('discount_seeker_minimum_orders', 3) }}}
  - {trait: discount_share, at_least: {{ var('discount_seeker_share', 0.6) }}}
{% endset %}
{{ segment(rule) }}
