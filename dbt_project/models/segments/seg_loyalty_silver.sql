-- Members of the loyalty programme with the tier silver, as the programme says.
{% set rule %}
{trait: loyalty_tier, is: silver}
{% endset %}
{{ segment(rule, shows=['loyalty_points']) }}
