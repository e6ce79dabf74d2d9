-- People whose address has changed lately. Threshold: `moved_days`.
{% set rule %}
all:
  - {trait: address_since, within_days: {{ var('moved_days', 90) }}}
  - {trait: previous_city, known: true}
{% endset %}
{{ segment(rule, shows=['city']) }}
