-- People who have a reason to be cross with us: a bad rating lately, or an overdue answer. No promotion reaches them.
-- Threshold: `bad_rating_days`.
{% set rule %}
any:
  - {trait: overdue_case_count, at_least: 1}
  - {trait: last_bad_rating_at, within_days: {{ var('bad_rating_days', 30) }}}
{% endset %}
{{ segment(rule, shows=['overdue_case_ids', 'badly_rated_case_ids']) }}
