-- People who buy through social media: in the Instagram shop, or soon after they wrote to us on a social channel
-- (purchase_signals). Variable: `social_attribution_days`.
{% set rule %}
any:
  - {trait: instagram_order_count, at_least: 1}
  - {trait: order_count_after_social_contact, at_least: 1}
{% endset %}
{{ segment(rule, shows=['last_order_after_social_contact_at']) }}
