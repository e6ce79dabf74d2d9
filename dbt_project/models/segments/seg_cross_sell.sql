-- People who bought in a category lately, but never in the one that goes with it (seed category_companions, in
-- purchase_signals). Variable: `cross_sell_days`.
{% set rule %}
{trait: cross_sell_suggestions, known: true}
{% endset %}
{{ segment(rule) }}
