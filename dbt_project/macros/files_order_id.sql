{#- The order that a row of stg_files__interactions is, or is a line of, as `marts.orders` names it; else null. -#}
{% macro files_order_id() -%}
    case
        when kind = 'order' then concat_ws(':', source, stream, interaction_id)
        when kind = 'order_line' then concat_ws(':', source, stream, coalesce(reference_id, interaction_id))
    end
{%- endmacro %}

{#- The number of the order that a row of stg_files__interactions names without being it, or a case; else null. -#}
{% macro files_order_number() -%}
    case when reference_id is not null and kind not in ('order', 'order_line', 'ticket') then reference_id end
{%- endmacro %}
