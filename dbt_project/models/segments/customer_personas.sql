-- The kind of customer each one is: the persona whose weighted traits add up to most. One row per customer.
-- Personas, traits and weights are seeds (`personas`, `persona_weights`); a tie goes to the persona of better priority.
-- depends_on: {{ ref('customer_trait_vectors') }}
{{ config(
    materialized='difference',
    key=['customer_id'],
    follows=['customer_trait_vectors'],
    watches=['personas', 'persona_weights'],
) }}
with

-- Read twice: what a trait gave is told of the persona that won alone.
contributions as materialized (

    select
        traits.customer_id,
        weights.persona,
        traits.trait,
        traits.seen,
        cast(weights.weight as numeric) * traits.value as points
    from {{ ref('customer_traits') }} as traits
    inner join {{ ref('persona_weights') }} as weights
        on traits.trait = weights.trait
    where {{ only_changed('traits.customer_id') }}

),

scores as (

    select
        contributions.customer_id,
        contributions.persona,
        personas.label,
        personas.priority,
        round(sum(contributions.points), 4) as score
    from contributions
    inner join {{ ref('personas') }} as personas
        on contributions.persona = personas.persona
    group by contributions.customer_id, contributions.persona, personas.label, personas.priority

),

ranked as (

    select
        *,
        row_number() over best_first as rank,
        lead(persona) over best_first as runner_up,
        lead(score) over best_first as runner_up_score
    from scores
    window best_first as (partition by customer_id order by score desc, priority asc, persona asc)

),

explained as (

    select
        contributions.customer_id,
        jsonb_agg(
            jsonb_build_object(
                'trait', contributions.trait,
                'seen', contributions.seen,
                'points', round(contributions.points, 4)
            )
            order by contributions.points desc, contributions.trait asc
        ) as traits
    from contributions
    inner join ranked
        on contributions.customer_id = ranked.customer_id and contributions.persona = ranked.persona
    where ranked.rank = 1 and contributions.points <> 0
    group by contributions.customer_id

)

select
    ranked.customer_id,
    ranked.persona,
    jsonb_build_object(
        'label', ranked.label,
        'score', ranked.score,
        'traits', coalesce(explained.traits, cast('[]' as jsonb)),
        'runner_up', ranked.runner_up,
        'runner_up_score', ranked.runner_up_score
    ) as reason
from ranked
left join explained on ranked.customer_id = explained.customer_id
where ranked.rank = 1
