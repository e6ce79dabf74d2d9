-- People who live with another customer, each with their own consent.
{% set rule %}
{trait: household_size, at_least: 2}
{% endset %}
{{ segment(rule, shows=['household_id']) }}
