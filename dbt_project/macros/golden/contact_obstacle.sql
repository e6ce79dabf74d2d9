{#- The columns of `contact_obstacles`, and what they are worked out from; over the channels that golden knows. -#}

{#-
  Why a customer cannot be contacted, a column per channel: the first rule of the gate (docs/consent.md, 6 to 13) that says
  no, null when none does. Over `stated` (what the customer said) and `usable` (what the addresses are good for).
-#}
{% macro obstacle_by_channel() -%}
  {%- for channel in contact_channels() -%}
    case
        when stated.{{ channel }}_denied then 'consent_denied'
        when stated.purpose = 'marketing' and not stated.{{ channel }}_granted then 'consent_unknown'
        when usable.{{ channel }}_known is not true then 'no_contact_point'
        when not usable.{{ channel }}_reachable then 'unreachable'
        when not usable.{{ channel }}_agreed then 'address_not_agreed'
        when not usable.{{ channel }}_unopposed then 'address_refused'
    end as {{ channel }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#- The obstacles, in the order in which the gate looks. -#}
{% macro contact_obstacle_names() -%}
  {{ return([
    'consent_denied', 'consent_unknown', 'no_contact_point', 'unreachable', 'address_not_agreed', 'address_refused'
  ]) }}
{%- endmacro %}

{#- What one customer says, for one purpose; over `consents`. -#}
{% macro stated_by_channel() -%}
  {%- for channel, asked in contact_channels().items() -%}
    bool_or(
        state = 'denied' and case purpose
            when 'marketing' then channel in {{ word_list(asked.marketing) }} else channel = '{{ channel }}'
        end
    ) as {{ channel }}_denied,
    bool_or(state = 'granted' and channel = '{{ channel }}') as {{ channel }}_granted{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#- What the addresses of one customer are good for; over `points`, and `others` who share one and refuse. -#}
{% macro usable_by_channel() -%}
  {%- for channel, asked in contact_channels().items() -%}
    {%- set of_kind = 'points.kind in ' ~ word_list(asked.kinds) -%}
    {%- set reachable = of_kind ~ " and points.type <> 'unreachable'" -%}
    {%- set agreed = reachable ~ " and '" ~ channel ~ ":' || purposes.purpose = any(points.granted)" -%}
    bool_or({{ of_kind }}) as {{ channel }}_known,
    bool_or({{ reachable }}) as {{ channel }}_reachable,
    bool_or({{ agreed }}) as {{ channel }}_agreed,
    bool_or(
        {{ agreed }}
        and not coalesce(others.refused, '{}') && case purposes.purpose
            when 'marketing' then cast(array['{{ asked.marketing | join(":marketing', '") }}:marketing'] as text [])
            else cast(array['{{ channel }}:service'] as text [])
        end
    ) as {{ channel }}_unopposed{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
