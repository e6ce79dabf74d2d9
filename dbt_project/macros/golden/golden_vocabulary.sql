{#- The words that golden's rules are written in; seeds are held against them. -#}

{#- What a source record says of its person, in `record_inputs`. E-mails, phones and handles come from identity. -#}
{% macro described_attributes() -%}
  {{ return([
    'full_name', 'given_name', 'family_name', 'street', 'city', 'region', 'postcode', 'country', 'birth_date',
    'birth_place', 'occupation', 'organisation', 'language', 'loyalty_number', 'loyalty_tier', 'loyalty_points',
    'member_since'
  ]) }}
{%- endmacro %}

{#- What identity knows of a record, as attributes: other networks are `<network>_handle`, by the default rule. -#}
{% macro identifier_attributes() -%}
  {{ return(['email', 'phone', 'instagram_handle', 'x_handle']) }}
{%- endmacro %}

{% macro survivorship_rule_names() -%}
  {{ return(['source_priority', 'most_recent', 'most_frequent', 'most_complete', 'verified_first']) }}
{%- endmacro %}

{% macro consent_channels() -%}
  {{ return(['email', 'sms', 'phone', 'whatsapp', 'advertising']) }}
{%- endmacro %}

{% macro consent_purposes() -%}
  {{ return(['marketing', 'service']) }}
{%- endmacro %}

{#- The fields of staging that say something about being contacted, as `consent_statements` reads them. -#}
{% macro consent_fields() -%}
  {{ return([
    ('salesforce', 'email_opt_out'), ('salesforce', 'do_not_call'), ('shopify', 'email_marketing_state'),
    ('shopify', 'sms_marketing_state'), ('files', 'email_marketing_consent'), ('files', 'sms_marketing_consent'),
    ('events', 'email_marketing_consent'), ('events', 'sms_marketing_consent'), ('events', 'advertising_consent')
  ]) }}
{%- endmacro %}

{#- Words as a list in SQL. -#}
{% macro word_list(words) -%}
  ('{{ words | join("', '") }}')
{%- endmacro %}

{#- What an address of a kind could be used for: kind, channel, purpose. There is no advertising but for marketing. -#}
{% macro address_questions() -%}
  {{ return([
    ('email', 'email', 'marketing'), ('email', 'email', 'service'), ('email', 'advertising', 'marketing'),
    ('phone', 'sms', 'marketing'), ('phone', 'sms', 'service'), ('phone', 'phone', 'marketing'),
    ('phone', 'phone', 'service'), ('phone', 'whatsapp', 'marketing'), ('phone', 'whatsapp', 'service'),
    ('phone', 'advertising', 'marketing')
  ]) }}
{%- endmacro %}

{#- What an address of `contact_permissions` is granted, as an array of `<channel>:<purpose>`. -#}
{% macro granted_questions() -%}
  array_remove(array[
    {%- for kind, channel, purpose in address_questions() %}
      {%- set question = "'" ~ channel ~ ":" ~ purpose ~ "'" %}
      case
        when points.kind = '{{ kind }}'
          and points.type {{ "= 'personal'" if channel == 'advertising' else "<> 'unreachable'" }}
          {{- ' and agreed.' ~ channel if purpose == 'marketing' }}
          and {{ question }} <> all(coalesce(refused_of_customer.questions, '{}'))
          then {{ question }}
      end{{ ',' if not loop.last }}
    {%- endfor %}
  ], null)
{%- endmacro %}

{#- Whether any record agreed, per channel; over `agreed`. -#}
{% macro agreed_by_channel() -%}
  {%- for channel in consent_channels() -%}
    bool_or(agreed.channel = '{{ channel }}') as {{ channel }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#-
  What the gate asks of a channel (activation/consent/rules.py): the kinds of address that it reaches, and the channels of
  which none may be refused when it is for marketing. For service only the channel itself may not be.
-#}
{% macro contact_channels() -%}
  {{ return({
    'email': {'kinds': ['email'], 'marketing': ['email']},
    'sms': {'kinds': ['phone'], 'marketing': ['sms', 'phone']},
    'phone': {'kinds': ['phone'], 'marketing': ['phone']},
    'whatsapp': {'kinds': ['phone'], 'marketing': ['whatsapp', 'sms', 'phone']},
    'advertising': {'kinds': ['email', 'phone'], 'marketing': ['advertising', 'email', 'sms', 'phone']},
  }) }}
{%- endmacro %}
