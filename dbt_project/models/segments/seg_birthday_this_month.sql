-- People whose birthday is in this month (UTC).
{% set rule %}
{trait: birth_date, anniversary_this_month: true}
{% endset %}
{{ segment(rule) }}
