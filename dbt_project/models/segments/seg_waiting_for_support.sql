-- People whom we owe an answer: an open case, or a message that nobody answered. No promotion reaches them meanwhile.
-- Variable: `unanswered_days`.
{% set rule %}
any:
  - {trait: open_case_count, at_least: 1}
  - {trait: unanswered_since, within_days: {{ var('unanswered_days', 7) }}}
{% endset %}
{{ segment(rule, shows=['waiting_since']) }}
