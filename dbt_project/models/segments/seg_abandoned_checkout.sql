-- People who left a basket at the checkout and have not ordered since, in any channel (customer_metrics says which
-- basket is open). Threshold: `abandoned_checkout_days`.
{% set rule %}
{trait: open_cart_at, within_days: {{ var('abandoned_checkout_days', 14) }}}
{% endset %}
{{ segment(rule, shows=['open_cart_amount', 'open_cart_product_ids']) }}
