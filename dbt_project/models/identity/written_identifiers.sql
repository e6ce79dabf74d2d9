-- What customers wrote of themselves in free text: order numbers, e-mail addresses, phone numbers. The company's own
-- addresses are left out: those that its agents have, those of the domains and numbers it is told (the variables
-- `own_email_domains`, `own_phone_numbers`), and those that it writes to three people or more.
-- Grain: one row per touchpoint and identifier.
{{ config(materialized='difference', key=['interaction_id', 'kind', 'value'], announces='interaction_id') }}

with

texts as (

    select
        'zendesk:ticket:' || ticket_id as interaction_id,
        record_id,
        created_at as written_at,
        'inbound' as direction,
        subject as body
    from {{ ref('stg_zendesk__tickets') }}

    union all

    select
        'zendesk:comment:' || comments.comment_id as interaction_id,
        coalesce(comments.record_id, tickets.record_id) as record_id,
        comments.created_at as written_at,
        comments.direction,
        comments.body
    from {{ ref('stg_zendesk__ticket_comments') }} as comments
    left join {{ ref('stg_zendesk__tickets') }} as tickets on comments.ticket_id = tickets.ticket_id
    where comments.is_public

    union all

    select
        'meta:message:' || message_id as interaction_id,
        record_id,
        sent_at as written_at,
        direction,
        body
    from {{ ref('stg_meta__messages') }}

    union all

    select
        'meta:comment:' || comment_id as interaction_id,
        record_id,
        commented_at as written_at,
        'inbound' as direction,
        body
    from {{ ref('stg_meta__comments') }}

    union all

    select
        'x:message:' || message_id as interaction_id,
        record_id,
        sent_at as written_at,
        direction,
        body
    from {{ ref('stg_x__direct_messages') }}

    union all

    select
        'x:mention:' || post_id as interaction_id,
        record_id,
        posted_at as written_at,
        'inbound' as direction,
        body
    from {{ ref('stg_x__mentions') }}

    union all

    select
        concat_ws(':', 'files', source, stream, interaction_id) as interaction_id,
        record_id,
        occurred_at as written_at,
        direction,
        body
    from {{ ref('stg_files__interactions') }}

),

-- Most of what people write holds none; looking for a digit or an at sign costs less than looking for a number.
promising as materialized (

    select
        interaction_id,
        record_id,
        written_at,
        coalesce(direction, 'inbound') as direction,
        body
    from texts
    where record_id is not null and coalesce(direction, '') <> 'internal' and body ~ '[0-9@]'

),

found as (

    select
        *,
        'email' as kind,
        (regexp_matches(body, {{ written_email() }}, 'gi'))[1] as written
    from promising
    where body like '%@%'

    union all

    select
        *,
        'phone' as kind,
        (regexp_matches(body, {{ written_phone() }}, 'g'))[1] as written
    from promising

    union all

    select
        *,
        'phone' as kind,
        (regexp_matches(body, {{ announced_phone() }}, 'gi'))[1] as written
    from promising

    union all

    select
        *,
        'order' as kind,
        (regexp_matches(body, {{ marked_order_number() }}, 'gi'))[1] as written
    from promising
    where direction = 'inbound' and body like '%#%'

    union all

    select
        *,
        'order' as kind,
        (regexp_matches(body, {{ worded_order_number() }}, 'gi'))[1] as written
    from promising
    where direction = 'inbound'

    union all

    select
        *,
        'order' as kind,
        (regexp_matches(body, {{ marketplace_order_number() }}, 'g'))[1] as written
    from promising
    where direction = 'inbound'

),

orders as (

    select
        found.interaction_id,
        found.record_id,
        found.written_at,
        found.kind,
        order_numbers.order_number as value,
        order_numbers.order_id,
        order_numbers.record_id as owner_record_id
    from found
    inner join {{ ref('order_numbers') }} as order_numbers
        on {{ order_number_key('found.written') }} = order_numbers.order_number
    where found.kind = 'order'

),

contacts as (

    select
        interaction_id,
        record_id,
        written_at,
        direction,
        kind,
        case kind when 'email' then lower(written) else {{ comparable_phone('written') }} end as value
    from found
    where kind = 'email' or (kind = 'phone' and {{ is_plausible_phone('written') }})

),

own_contacts as (

    select
        kind,
        value
    from contacts
    where direction = 'outbound'
    group by kind, value
    having count(distinct record_id) >= 3

    union all

    select
        'email' as kind,
        lower(email) as value
    from {{ ref('stg_zendesk__users') }}
    where role <> 'end-user'

    union all

    select
        'phone' as kind,
        {{ comparable_phone('phone') }} as value
    from {{ ref('stg_zendesk__users') }}
    where role <> 'end-user'
    {%- for number in var('own_phone_numbers', []) %}

        union all

        select
            'phone' as kind,
            {{ comparable_phone("'" ~ number | replace("'", "''") ~ "'") }} as value
    {%- endfor %}

),

written as (

    select
        interaction_id,
        record_id,
        written_at,
        kind,
        value,
        order_id,
        owner_record_id
    from orders

    union all

    select
        contacts.interaction_id,
        contacts.record_id,
        contacts.written_at,
        contacts.kind,
        contacts.value,
        cast(null as text) as order_id,
        cast(null as text) as owner_record_id
    from contacts
    where
        contacts.direction = 'inbound'
        and not exists (
            select 1
            from own_contacts
            where own_contacts.kind = contacts.kind and own_contacts.value = contacts.value
        )
        and not exists (
            select 1
            from {{ ref('order_numbers') }} as order_numbers
            where contacts.kind = 'phone' and order_numbers.order_number = contacts.value
        )
        {%- for domain in var('own_email_domains', []) %}
            and contacts.value not like '%@{{ domain | lower | replace("'", "''") }}'
        {%- endfor %}

)

select distinct
    interaction_id,
    record_id,
    written_at,
    kind,
    value,
    order_id,
    owner_record_id
from written
