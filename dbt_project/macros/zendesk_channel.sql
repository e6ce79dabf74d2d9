{#- How a customer reached the help desk: Zendesk's `via.channel` in Braid's words; a word not known here stays. -#}
{% macro zendesk_channel(via_channel) -%}
  case
    when {{ via_channel }} in ('chat', 'native_messaging', 'messaging', 'chat_transcript') then 'chat'
    when {{ via_channel }} in ('voice', 'phone', 'phone_call_inbound', 'phone_call_outbound') then 'phone'
    when {{ via_channel }} in ('web', 'web_widget', 'web_form', 'web_service', 'help_center', 'mobile', 'mobile_sdk', 'api')
      then 'web'
    else {{ via_channel }}
  end
{%- endmacro %}
