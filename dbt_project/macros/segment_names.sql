{#-
  Every segment by name: those written here, and marketers' own audiences. dbt must know what `segment_memberships` reads
  while it parses, when it cannot look for itself; a test holds this list against the files, and segment_catalogue stops
  a run in which a segment is missing from it.
-#}
{% macro segment_names() -%}
  {{ return([
    'abandoned_checkout',
    'bopis_shoppers',
    'cross_sell',
    'lapsing',
    'new_customers',
    'omnichannel_shoppers',
    'recent_buyers_suppression',
    'social_shoppers',
    'unhappy_recently',
    'vip',
  ] + audience_segments()) }}
{%- endmacro %}
