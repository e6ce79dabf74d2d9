-- The worked example of an advertising audience: people who looked at a game that they do not own. Whoever buys it is
-- out with the next run, unless another one was looked at, too. Copy it for another category. Variables:
-- `advertised_category`, `interest_days`.
{% set rule %}
any:
  - event: product_view
    where: {category: {{ var('advertised_category', 'Games') }}}
    within_days: {{ var('interest_days', 30) }}
    unless_bought: product_id
  - event: add_to_cart
    where: {category: {{ var('advertised_category', 'Games') }}}
    within_days: {{ var('interest_days', 30) }}
    unless_bought: product_id
{% endset %}
{{ segment(rule) }}
