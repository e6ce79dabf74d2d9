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


{#- What a segment is for (marketing, service, suppression), from the meta of its model. -#}
{% macro segment_purpose(segment) -%}
  {%- for node in segment_models() if node.name == 'seg_' ~ segment -%}
    {{ return(node.config.meta['purpose']) }}
  {%- endfor -%}
  {{ return('') }}
{%- endmacro %}


{#-
  One row per segment model from its meta, read when the catalogue is compiled. A model that lacks a field, has an
  unknown purpose, or is not in `segment_memberships` stops the run with a message that names it.
-#}
{% macro segment_catalogue() -%}
  {%- set unioned = graph.nodes['model.' ~ project_name ~ '.segment_memberships'].depends_on.nodes if execute else [] -%}
  {%- for node in segment_models() -%}
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
    {%- if node.unique_id not in unioned -%}
      {{ exceptions.raise_compiler_error(
        node.name ~ ' is not in segment_memberships; add "' ~ node.name[4:] ~ '" to the list there'
      ) }}
    {%- endif %}
select
    {{ dbt.string_literal(node.name[4:]) }} as segment,
    {{ dbt.string_literal(dbt.escape_single_quotes(meta['label'])) }} as label,
    {{ dbt.string_literal(dbt.escape_single_quotes(meta['description'] | trim)) }} as description,
    {{ dbt.string_literal(dbt.escape_single_quotes(meta['owner'])) }} as owner,
    '{{ meta["purpose"] }}' as purpose,
    cast('{{ "{" ~ meta["destinations"] | join(",") ~ "}" }}' as text []) as destinations,
    cast({{ meta['minimum_link_strength'] }} as double precision) as minimum_link_strength
    {{- "\nunion all" if not loop.last }}
  {%- else %}
select
    cast(null as text) as segment,
    cast(null as text) as label,
    cast(null as text) as description,
    cast(null as text) as owner,
    cast(null as text) as purpose,
    cast(null as text []) as destinations,
    cast(null as double precision) as minimum_link_strength
where false
  {%- endfor %}
{%- endmacro %}
