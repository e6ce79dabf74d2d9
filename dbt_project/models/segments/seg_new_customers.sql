-- People whose first order ever is recent. Threshold: `new_customer_days`.
{% set rule %}
{trait: first_order_at, within_days: {{ var('new_customer_days', 30) }}}
{% endset %}
{{ segment(rule, shows=['order_count']) }}
