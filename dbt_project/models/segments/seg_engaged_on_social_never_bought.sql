-- People who write, comment or mention us on social media, but have never bought. Threshold:
-- `social_engagement_minimum`.
{% set rule %}
all:
  - {trait: social_engagement_count, at_least: {{ var('social_engagement_minimum', 2) }}}
  - {trait: order_count, is: 0}
{% endset %}
{{ segment(rule) }}
