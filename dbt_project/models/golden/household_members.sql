-- Which customers live together: those that bonds connect. They stay people of their own. One row per customer in a
-- household; who shares nothing with anybody has no row.
--
-- Connected components, found by handing the smallest customer id on over the bonds, round by round. What five rounds
-- do not settle, or what is larger than `household_size`, is a chain of addresses and numbers and no household. Its id
-- is that of its oldest member, so that it stays when somebody joins.
{%- set rounds = 5 %}
{{ config(materialized='difference', key=['customer_id'], announces='customer_id') }}
with

bonds as (

    select
        customer_id collate "C" as customer_id,
        kind,
        bond
    from {{ ref('household_bonds') }}

),

labels_0 as (

    select distinct
        customer_id,
        customer_id as label
    from bonds

),

{% for round in range(1, rounds + 1) -%}
    handed_{{ round }} as (

        select
            bonds.kind,
            bonds.bond,
            min(labels.label) as label
        from bonds
        inner join labels_{{ round - 1 }} as labels on bonds.customer_id = labels.customer_id
        group by bonds.kind, bonds.bond

    ),

    labels_{{ round }} as (

        select
            bonds.customer_id,
            min(handed.label) as label
        from bonds
        inner join handed_{{ round }} as handed on bonds.kind = handed.kind and bonds.bond = handed.bond
        group by bonds.customer_id

    ),

{% endfor -%}
-- Bonds whose ends were never given one label: the chain is longer than the rounds, and each of its labels is here.
unsettled as (

    select unnest(array_agg(distinct labels.label)) as label
    from bonds
    inner join labels_{{ rounds }} as labels on bonds.customer_id = labels.customer_id
    group by bonds.kind, bonds.bond
    having count(distinct labels.label) > 1

),

settled as (

    select
        customer_id,
        label
    from (
        select
            customer_id,
            label,
            count(*) over (partition by label) as member_count
        from labels_{{ rounds }}
    ) as counted
    where
        member_count between 2 and {{ var('household_size', 12) }}
        and label not in (select unsettled.label from unsettled)

),

aged as (

    select
        settled.customer_id,
        settled.label,
        min(records.first_seen_at) as first_seen_at
    from settled
    inner join {{ ref('record_inputs') }} as records on settled.customer_id = records.customer_id
    group by settled.customer_id, settled.label

),

founded as (

    select
        label,
        (array_agg(customer_id order by first_seen_at asc nulls last, customer_id asc))[1] as founder,
        array_agg(customer_id order by customer_id) as customer_ids
    from aged
    group by label

),

bound as (

    select
        customer_id,
        array_agg(distinct kind order by kind) as bonds
    from bonds
    group by customer_id

)

select
    cast(aged.customer_id as text) as customer_id,
    'household:' || left(md5(founded.founder), 20) as household_id,
    bound.bonds,
    array_remove(founded.customer_ids, aged.customer_id) as other_customer_ids
from aged
inner join founded on aged.label = founded.label
inner join bound on aged.customer_id = bound.customer_id
