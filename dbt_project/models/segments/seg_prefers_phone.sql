-- People who contact us by phone more than by anything else.
{% set rule %}
{trait: preferred_channel, is: phone}
{% endset %}
{{ segment(rule) }}
