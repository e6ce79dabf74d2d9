-- Buyers who have been away for more than a year, but not so long that they have forgotten us. Thresholds:
-- `win_back_from_days`, `win_back_to_days`.
{% set rule %}
{trait: days_since_last_order, between: [{{ var('win_back_from_days', 366) }}, {{ var('win_back_to_days', 1095) }}]}
{% endset %}
{{ segment(rule, shows=['order_count', 'lifetime_value']) }}
