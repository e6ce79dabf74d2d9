-- What each customer has just bought, so that nobody advertises it to them: the products are in the reason. Threshold:
-- `recent_purchase_days`.
{% set rule %}
{event: order_line, within_days: {{ var('recent_purchase_days', 30) }}}
{% endset %}
{{ segment(rule) }}
