-- Top spenders who keep coming back. Thresholds: `vip_top_share` (share of buyers), `vip_lifetime_value` (enough by
-- itself), `vip_minimum_orders`.
{% set rule %}
all:
  - {trait: order_count, at_least: {{ var('vip_minimum_orders', 3) }}}
  - {trait: lifetime_value, above: 0}
  - any:
      - {trait: spend_rank, at_most: {{ var('vip_top_share', 0.05) }}}
      - {trait: spend_standing, at_most: 1}
      - {trait: lifetime_value, at_least: {{ var('vip_lifetime_value', 5000) }}}
{% endset %}
{{ segment(rule) }}
