-- Customers that live together. One row per household.
{{ config(materialized='difference', key=['household_id']) }}
select
    members.household_id,
    count(distinct members.customer_id) as member_count,
    min(bonds.bond) filter (where bonds.kind = 'address') as shared_address,
    coalesce(
        array_agg(distinct bonds.kind || ':' || bonds.bond order by bonds.kind || ':' || bonds.bond)
        filter (where bonds.kind <> 'address'),
        cast('{}' as text[])
    ) as shared_identifiers,
    array_agg(distinct bonds.kind order by bonds.kind) as bonds
from {{ ref('household_members') }} as members
inner join {{ ref('household_bonds') }} as bonds on members.customer_id = bonds.customer_id
group by members.household_id
