{#-
  Why a contact point may not or cannot be used, for one channel: the first of these that is true, null when none is.
  `consent` is the state of the consent, `also` of another one that must not be refused; `known` and `reachable` are
  booleans of the contact point. Only marketing needs a consent that was given.
-#}
{% macro segment_obstacle(consent, known, reachable, also='null') -%}
case
    when {{ consent }} = 'denied' or {{ also }} = 'denied' then 'consent_denied'
    when purpose = 'marketing' and {{ consent }} is distinct from 'granted' then 'consent_unknown'
    when not ({{ known }}) then 'no_contact_point'
    when not ({{ reachable }}) then 'unreachable'
end
{%- endmacro %}
