-- People who buy online and pick up in a store. Threshold: `bopis_minimum_orders`.
{% set rule %}
{trait: pickup_order_count, at_least: {{ var('bopis_minimum_orders', 1) }}}
{% endset %}
{{ segment(rule, shows=['order_count']) }}
