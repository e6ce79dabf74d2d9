{#- The caller's body for every raw stream of every source, `union all` between them. -#}
{% macro each_stream() -%}
    {%- set streams = [
        ('salesforce', 'contacts'), ('salesforce', 'leads'), ('salesforce', 'campaigns'),
        ('salesforce', 'campaign_members'),
        ('shopify', 'customers'), ('shopify', 'orders'), ('shopify', 'abandoned_checkouts'), ('shopify', 'returns'),
        ('shopify', 'products'),
        ('zendesk', 'users'), ('zendesk', 'user_identities'), ('zendesk', 'tickets'), ('zendesk', 'ticket_comments'),
        ('zendesk', 'ticket_metrics'), ('zendesk', 'satisfaction_ratings'),
        ('meta', 'conversations'), ('meta', 'messages'), ('meta', 'comments'),
        ('x', 'mentions'), ('x', 'direct_messages'), ('x', 'users'),
        ('files', 'people'), ('files', 'interactions'),
        ('events', 'identities'), ('events', 'interactions'),
    ] -%}
    {%- for source_name, stream in streams -%}
        {{ caller(source_name, stream) }}
        {%- if not loop.last %}
union all
{% endif %}
    {%- endfor -%}
{%- endmacro %}
