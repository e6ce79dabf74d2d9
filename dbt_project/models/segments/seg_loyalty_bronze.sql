-- Members of the loyalty programme with the tier bronze, as the programme says.
{% set rule %}
{trait: loyalty_tier, is: bronze}
{% endset %}
{{ segment(rule, shows=['loyalty_points']) }}
