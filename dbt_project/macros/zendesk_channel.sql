{#-
  How a customer reached the help desk: Zendesk's `via.channel`, or the words that its ticket events use, in Braid's
  words; a word not known here stays.
-#}
{% macro zendesk_channel(via_channel) -%}
    case lower({{ via_channel }})
        {%- for channel, words in {
            'email': ['mail', 'email'],
            'chat': ['chat', 'native_messaging', 'messaging', 'chat_transcript'],
            'phone': ['voice', 'phone', 'phone call (incoming)', 'phone call (outgoing)', 'voicemail'],
            'whatsapp': ['whatsapp'],
            'web': ['web', 'web form', 'web service', 'web widget', 'web_widget', 'help center', 'help_center', 'mobile',
                'mobile_sdk', 'api'],
        }.items() %}
        {%- for word in words %}
        when '{{ word }}' then '{{ channel }}'
        {%- endfor %}
        {%- endfor %}
        else {{ via_channel }}
    end
{%- endmacro %}
