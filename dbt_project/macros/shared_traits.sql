{#-
  The traits of customer_features that depend on other customers: a segment that asks for one is made for everybody, every
  other only for those whose traits changed (customer_own_features).
-#}
{% macro shared_traits() -%}
  {{ return([
    'rfm_recency',
    'rfm_frequency',
    'rfm_monetary',
    'rfm_group',
    'spend_rank',
    'spend_standing',
    'expected_orders_next_year',
    'predicted_lifetime_value'
  ]) }}
{%- endmacro %}
