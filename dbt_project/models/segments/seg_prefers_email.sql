-- People who contact us by e-mail more than by anything else.
{% set rule %}
{trait: preferred_channel, is: email}
{% endset %}
{{ segment(rule) }}
