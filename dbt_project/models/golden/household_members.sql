-- Which customers live together: those that bonds connect. They stay people of their own. One row per customer in a
-- household; who shares nothing with anybody has no row.
--
-- Connected components, found by handing the smallest customer id on over the bonds, round by round. What five rounds
-- do not settle, or what is larger than `household_size`, is a chain of addresses and numbers and no household. Its id
-- is that of its oldest member, so that it stays when somebody joins.
{%- set rounds = 5 %}
{{ config(materialized='difference', key=['customer_id'], announces='customer_id') }}
with

-- Numbered, in the order of their ids: rounds over numbers cost a third of rounds over texts.
bonds as materialized (

    select
        customer_id collate "C" as customer_id,
        kind,
        dense_rank() over (order by customer_id collate "C") as member,
        dense_rank() over (order by kind collate "C", bond collate "C") as bond
    from {{ ref('household_bonds') }}

),

labels_0 as (

    select distinct
        member,
        member as label
    from bonds

),

{% for round in range(1, rounds + 1) -%}
    handed_{{ round }} as (

        select
            bonds.bond,
            min(labels.label) as label
        from bonds
        inner join labels_{{ round - 1 }} as labels on bonds.member = labels.member
        group by bonds.bond

    ),

    labels_{{ round }} as (

        select
            bonds.member,
            min(handed.label) as label
        from bonds
        inner join handed_{{ round }} as handed on bonds.bond = handed.bond
        group by bonds.member

    ),

{% endfor -%}
-- Bonds whose ends were never given one label: the chain is longer than the rounds, and each of its labels is here.
unsettled as (

    select unnest(array_agg(distinct labels.label)) as label
    from bonds
    inner join labels_{{ rounds }} as labels on bonds.member = labels.member
    group by bonds.bond
    having count(distinct labels.label) > 1

),

bound as (

    select
        customer_id,
        member,
        array_agg(distinct kind order by kind) as bonds
    from bonds
    group by customer_id, member

),

settled as (

    select
        bound.customer_id,
        bound.bonds,
        counted.label
    from (
        select
            member,
            label,
            count(*) over (partition by label) as member_count
        from labels_{{ rounds }}
    ) as counted
    inner join bound on counted.member = bound.member
    where
        counted.member_count between 2 and {{ var('household_size', 12) }}
        and counted.label not in (select unsettled.label from unsettled)

),

aged as (

    select
        settled.customer_id,
        settled.bonds,
        settled.label,
        min(records.first_seen_at) as first_seen_at
    from settled
    inner join {{ ref('record_inputs') }} as records on settled.customer_id = records.customer_id
    group by settled.customer_id, settled.bonds, settled.label

),

founded as (

    select
        label,
        (array_agg(customer_id order by first_seen_at asc nulls last, customer_id asc))[1] as founder,
        array_agg(customer_id order by customer_id) as customer_ids
    from aged
    group by label

)

select
    cast(aged.customer_id as text) as customer_id,
    'household:' || left(md5(founded.founder), 20) as household_id,
    aged.bonds,
    array_remove(founded.customer_ids, aged.customer_id) as other_customer_ids
from aged
inner join founded on aged.label = founded.label
