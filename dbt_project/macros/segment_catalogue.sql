{#- The segment models of this project, `seg_<name>`, in the order of their names. Empty while dbt is still parsing. -#}
{% macro segment_models() -%}
  {%- set found = [] -%}
  {%- if execute -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') -%}
      {%- if node.name.startswith('seg_') -%}
        {%- do found.append(node) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(found) }}
{%- endmacro %}


{#- The segments whose purpose (marketing, service, suppression) is this one. -#}
{% macro segments_of_purpose(purpose) -%}
  {%- set found = [] -%}
  {%- for node in segment_models() if node.config.meta['purpose'] == purpose -%}
    {%- do found.append(node.name[4:]) -%}
  {%- endfor -%}
  {{ return(found) }}
{%- endmacro %}


{#- The segments whose members are in no segment for marketing meanwhile (`holds_back: marketing` in their meta). -#}
{% macro segments_that_hold_back() -%}
  {%- set found = [] -%}
  {%- if execute -%}
    {%- for name in segment_names() | sort -%}
      {%- if graph.nodes['model.' ~ project_name ~ '.seg_' ~ name].config.meta.get('holds_back') == 'marketing' -%}
        {%- do found.append(name) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(found) }}
{%- endmacro %}


{#- Names as an SQL array, which may be empty. -#}
{% macro segment_array(names) -%}
cast({{ segment_literal('{' ~ names | join(',') ~ '}') }} as text[])
{%- endmacro %}


{#-
  What decides who is in a segment, as a short text that changes when it does: its rule with the thresholds, its purpose,
  the variables behind the traits that it asks for, the segments that it reads and, for marketing, those that hold back,
  which are `held_by`.
-#}
{% macro segment_digest(name, held_by) -%}
  {%- set meta = segment_node(name).config.meta -%}
  {%- set traits = graph.nodes['model.' ~ project_name ~ '.customer_features'].columns -%}
  {%- set parts = [tojson(meta['rule'], sort_keys=true), meta['purpose']] -%}
  {%- for leaf in segment_leaves(meta['rule']) -%}
    {%- if leaf['segment'] -%}
      {%- do parts.append(segment_digest(leaf['segment'], held_by)) -%}
    {%- endif -%}
    {%- for variable in traits.get(leaf['trait'], {}).get('config', {}).get('meta', {}).get('variables', []) -%}
      {%- do parts.append(variable ~ '=' ~ var(variable, '')) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- if meta['purpose'] == 'marketing' -%}
    {%- for other in held_by -%}
      {%- do parts.append(segment_digest(other, held_by)) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(local_md5(parts | join('|'))) }}
{%- endmacro %}


{#- The traits, segments and events of a rule, from left to right. -#}
{% macro segment_leaves(rule) -%}
  {%- set leaves = [] -%}
  {%- for child in rule.get('all', rule.get('any', [rule['not']] if 'not' in rule else [])) -%}
    {%- do leaves.extend(segment_leaves(child)) -%}
  {%- endfor -%}
  {{ return(leaves or [rule]) }}
{%- endmacro %}


{#- Stop the run when the meta of a segment lacks something, or says what nobody would understand. -#}
{% macro segment_check_meta(node) -%}
  {%- set meta = node.config.meta -%}
  {%- for field in ['label', 'description', 'owner', 'purpose', 'destinations', 'minimum_link_strength'] -%}
    {%- if meta[field] is not defined -%}
      {{ exceptions.raise_compiler_error(node.name ~ ' has no "' ~ field ~ '" in its meta; add it in its yml') }}
    {%- endif -%}
  {%- endfor -%}
  {%- if meta['purpose'] not in ['marketing', 'service', 'suppression'] -%}
    {{ exceptions.raise_compiler_error(
      node.name ~ ' has the purpose "' ~ meta['purpose'] ~ '"; use marketing, service or suppression'
    ) }}
  {%- endif -%}
  {%- if meta['holds_back'] is defined and (meta['holds_back'] != 'marketing' or meta['purpose'] == 'marketing') -%}
    {{ exceptions.raise_compiler_error(
      node.name ~ ': "holds_back" may only be marketing, and only where the purpose is service or suppression'
    ) }}
  {%- endif -%}
  {%- if meta['rule'] is not defined -%}
    {{ exceptions.raise_compiler_error(node.name ~ ' is not made by the macro "segment", so nobody can say who is in') }}
  {%- endif -%}
  {%- if node.name[4:] not in segment_names() -%}
    {{ exceptions.raise_compiler_error(
      node.name ~ ' is not in the list of segments; add "' ~ node.name[4:] ~ '" in macros/segment_names.sql'
    ) }}
  {%- endif -%}
{%- endmacro %}


{#- One row per segment model from its meta, read when the catalogue is compiled. -#}
{% macro segment_catalogue() -%}
  {%- set held_by = segments_that_hold_back() -%}
  {%- for node in segment_models() -%}
    {%- do segment_check_meta(node) -%}
    {%- set meta = node.config.meta %}
select
    {{ segment_literal(node.name[4:]) }} as segment,
    {{ segment_literal(meta['label']) }} as label,
    {{ segment_literal(meta['description'] | trim) }} as description,
    {{ segment_literal(meta['owner']) }} as owner,
    '{{ meta["purpose"] }}' as purpose,
    {{ segment_array(meta['destinations']) }} as destinations,
    cast({{ meta['minimum_link_strength'] }} as double precision) as minimum_link_strength,
    {{ meta.get('holds_back') == 'marketing' }} as holds_back,
    cast({{ segment_literal(tojson(meta['rule'])) }} as jsonb) as rule,
    '{{ segment_digest(node.name[4:], held_by) }}' as digest
    {{- "\nunion all" if not loop.last }}
  {%- else %}
select
    cast(null as text) as segment,
    cast(null as text) as label,
    cast(null as text) as description,
    cast(null as text) as owner,
    cast(null as text) as purpose,
    cast(null as text[]) as destinations,
    cast(null as double precision) as minimum_link_strength,
    cast(null as boolean) as holds_back,
    cast(null as jsonb) as rule,
    cast(null as text) as digest
where false
  {%- endfor %}
{%- endmacro %}
