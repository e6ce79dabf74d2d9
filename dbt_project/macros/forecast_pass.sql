{#-
  One pass of the forecast: from the CTEs `observed_<pass>` (how often each customer came back, in what time) and
  `leaving_<pass>` (one row: what is believed of giving up after an order) to `judged_<pass>`, which says at what rate
  each customer orders (gamma `shape` and `rate`, shrunk towards everybody's) and how likely they still come
  (`probability_active`).
-#}
{% macro forecast_pass(pass) -%}
habits_{{ pass }} as (

    select
        coalesce(sum(repeats) / nullif(sum(years_with_us), 0), 0) as mean_rate,
        sum(years_with_us) as years_with_us,
        sum(repeats * repeats) as repeat_squares,
        sum(repeats * years_with_us) as repeat_years,
        sum(years_with_us * years_with_us) as year_squares
    from observed_{{ pass }}

),

-- What customers' rates differ by, beyond chance: the spread of counts around what everybody's rate makes expect, less
-- what a Poisson process spreads by itself.
spread_{{ pass }} as (

    select
        mean_rate,
        greatest(
            (
                repeat_squares - 2 * mean_rate * repeat_years + mean_rate * mean_rate * year_squares
                - mean_rate * years_with_us
            ) / nullif(year_squares, 0),
            mean_rate * mean_rate / 100
        ) as rate_variance
    from habits_{{ pass }}

),

-- One row, put aside: what holds for everybody is worked out once.
everybody_{{ pass }} as materialized (

    select
        cast(spread.mean_rate * spread.mean_rate / nullif(spread.rate_variance, 0) as double precision) as shape,
        cast(spread.mean_rate / nullif(spread.rate_variance, 0) as double precision) as rate,
        cast(leaving.gone_after as double precision) as gone_after,
        cast(leaving.stayed_after as double precision) as stayed_after
    from spread_{{ pass }} as spread
    cross join leaving_{{ pass }} as leaving

),

rates_{{ pass }} as (

    select
        observed.*,
        everybody.gone_after,
        everybody.stayed_after,
        everybody.shape + observed.times_back as shape,
        everybody.rate
    from observed_{{ pass }} as observed
    cross join everybody_{{ pass }} as everybody

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
                    1 + gone_after / (stayed_after + times_back)
                    * exp(least(shape * ln((rate + time_known) / (rate + time_active)), 700))
                ) as numeric(6, 5)
            )
        end as probability_active
    from rates_{{ pass }}

)
{%- endmacro %}
