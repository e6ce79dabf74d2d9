-- Who works for one company lives apart: customers of a household share more than a number of a business, and a
-- household that is as large as an office is none. Profile, household and its members say the same of who lives where.
{{ config(meta={'dagster': {'ref': {'name': 'household_members'}}}) }}

with

profiled as (

    select
        customer_id,
        household_id
    from {{ ref('customers') }}
    where household_id is not null

)

select coalesce(members.household_id, profiled.household_id) as household_id
from {{ ref('household_members') }} as members
left join {{ ref('household_bonds') }} as bonds on members.customer_id = bonds.customer_id
left join {{ ref('contact_points') }} as points
    on
        bonds.customer_id = points.customer_id
        and bonds.kind = points.kind
        and bonds.bond = points.match_key
        and points.type = 'household'
left join {{ ref('households') }} as households on members.household_id = households.household_id
full join profiled on members.customer_id = profiled.customer_id and members.household_id = profiled.household_id
group by coalesce(members.household_id, profiled.household_id)
having
    count(distinct members.customer_id) not between 2 and {{ var('household_size', 12) }}
    or bool_or(bonds.bond is null)
    or bool_or(bonds.kind <> 'address' and points.customer_id is null)
    or bool_or(profiled.customer_id is null or households.household_id is null)
