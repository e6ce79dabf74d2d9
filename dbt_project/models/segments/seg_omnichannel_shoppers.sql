-- People who order in more than one channel. Threshold: `omnichannel_minimum_channels`.
{% set rule %}
{trait: order_channel_count, at_least: {{ var('omnichannel_minimum_channels', 2) }}}
{% endset %}
{{ segment(rule, shows=['order_channels']) }}
