-- People who buy in stores and nowhere else.
{% set rule %}
all:
  - {trait: order_channels, includes: store}
  - {trait: order_channel_count, is: 1}
{% endset %}
{{ segment(rule, shows=['store_order_count']) }}
