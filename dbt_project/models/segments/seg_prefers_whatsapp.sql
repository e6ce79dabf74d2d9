-- People who contact us by WhatsApp more than by anything else.
{% set rule %}
{trait: preferred_channel, is: whatsapp}
{% endset %}
{{ segment(rule) }}
