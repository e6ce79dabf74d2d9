{#-
  Every segment by name: those written here, and marketers' own audiences. dbt must know what `segment_memberships` reads
  while it parses, when it cannot look for itself; a test holds this list against the files, and segment_catalogue stops
  a run in which a segment is missing from it.
-#}
{% macro segment_names() -%}
  {{ return([
    'abandoned_checkout',
    'birthday_this_month',
    'bopis_shoppers',
    'category_enthusiasts',
    'cross_sell',
    'detractors',
    'discount_seekers',
    'engaged_on_social_never_bought',
    'first_order_care',
    'frequent_returners',
    'high_value_at_risk',
    'households',
    'in_store_only',
    'interested_in_games',
    'lapsing',
    'large_open_cart',
    'loyalty_bronze',
    'loyalty_gold',
    'loyalty_silver',
    'moved_recently',
    'new_customers',
    'omnichannel_shoppers',
    'online_only',
    'prefers_email',
    'prefers_phone',
    'prefers_whatsapp',
    'promoters',
    'recent_buyers_suppression',
    'social_shoppers',
    'ten_year_customers',
    'unhappy_recently',
    'vip',
    'waiting_for_support',
    'win_back',
  ] + audience_segments()) }}
{%- endmacro %}
