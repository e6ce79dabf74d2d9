{#- Whether an account is the company's own; false when the variables do not say which that is. -#}
{% macro is_own_meta_account(account_id) -%}
    {{ account_id }} in ('{{ var("meta_page_id") }}', '{{ var("meta_instagram_account_id") }}')
{%- endmacro %}

{% macro is_own_x_account(user_id) -%}
    {{ user_id }} = '{{ var("x_user_id") }}'
{%- endmacro %}
