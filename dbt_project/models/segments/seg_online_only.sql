-- People who buy, but were never seen in a store, not even to pick up.
{% set rule %}
all:
  - {trait: order_count, at_least: 1}
  - {trait: order_channels, excludes: store}
  - {trait: pickup_order_count, is: 0}
{% endset %}
{{ segment(rule) }}
