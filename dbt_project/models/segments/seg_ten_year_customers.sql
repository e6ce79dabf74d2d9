-- People who have been with us for ten years. Threshold: `long_standing_years`.
{% set rule %}
{trait: customer_years, at_least: {{ var('long_standing_years', 10) }}}
{% endset %}
{{ segment(rule, shows=['customer_since']) }}
