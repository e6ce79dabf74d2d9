-- People who would recommend us: 9 or 10 when asked (Reichheld 2003). Threshold: `nps_days`.
{% set rule %}
all:
  - {trait: last_nps, at_least: 9}
  - {trait: last_nps_at, within_days: {{ var('nps_days', 180) }}}
{% endset %}
{{ segment(rule) }}
