-- People whose open basket is worth a call. Thresholds: `large_cart_amount` (reporting currency),
-- `abandoned_checkout_days`.
{% set rule %}
all:
  - {trait: open_cart_amount, at_least: {{ var('large_cart_amount', 150) }}}
  - {trait: open_cart_at, within_days: {{ var('abandoned_checkout_days', 14) }}}
{% endset %}
{{ segment(rule, shows=['open_cart_product_ids']) }}
