-- Members of the loyalty programme with the tier gold, as the programme says.
{% set rule %}
{trait: loyalty_tier, is: gold}
{% endset %}
{{ segment(rule, shows=['loyalty_points']) }}
