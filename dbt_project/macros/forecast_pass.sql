{#-
  One pass of the forecast: from the CTE `observed_<pass>` to `judged_<pass>`, which says at what rate each customer
  orders (gamma `shape` and `rate`, shrunk towards everybody's) and how likely they still come (`probability_active`).
-#}
{% macro forecast_pass(pass) -%}
habits_{{ pass }} as (

    select
        coalesce(sum(repeats) / nullif(sum(years_with_us), 0), 0) as mean_rate,
        sum(years_with_us) as years_with_us
    from observed_{{ pass }}

),

-- What customers' rates differ by, beyond chance: the spread of counts, less what a Poisson process spreads by itself.
spread_{{ pass }} as (

    select
        habits.mean_rate,
        greatest(
            (
                sum((observed.repeats - habits.mean_rate * observed.years_with_us) ^ 2)
                - habits.mean_rate * habits.years_with_us
            ) / nullif(sum(observed.years_with_us * observed.years_with_us), 0),
            habits.mean_rate * habits.mean_rate / 100
        ) as rate_variance
    from habits_{{ pass }} as habits
    left join observed_{{ pass }} as observed on true
    group by habits.mean_rate, habits.years_with_us

),

rates_{{ pass }} as (

    select
        observed.*,
        cast(
            spread.mean_rate * spread.mean_rate / nullif(spread.rate_variance, 0) + observed.repeats as double precision
        ) as shape,
        cast(spread.mean_rate / nullif(spread.rate_variance, 0) as double precision) as rate
    from observed_{{ pass }} as observed
    cross join spread_{{ pass }} as spread

),

-- The exponent is bounded where the probability is zero anyway, for the sake of very frequent buyers. Where nobody ever
-- came back, there is no rate, and nothing speaks against anybody.
judged_{{ pass }} as materialized (

    select
        *,
        case
            when rate is null then 1
            else cast(
                1 / (
                    1 + gone_after / (stayed_after + repeats)
                    * exp(least(shape * ln((rate + known_years) / (rate + active_years)), 700))
                ) as numeric(6, 5)
            )
        end as probability_active
    from rates_{{ pass }}

)
{%- endmacro %}
