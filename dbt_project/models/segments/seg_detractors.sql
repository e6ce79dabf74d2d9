-- People who would not recommend us: 6 or less when asked (Reichheld 2003). Threshold: `nps_days`.
{% set rule %}
all:
  - {trait: last_nps, at_most: 6}
  - {trait: last_nps_at, within_days: {{ var('nps_days', 180) }}}
{% endset %}
{{ segment(rule) }}
