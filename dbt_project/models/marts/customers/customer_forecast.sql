-- What each buyer is expected to order in the next year: a closed formula over what they bought so far, as of now.
-- One row per customer who ever bought. `docs/metrics.md` has the formulas, their sources and their limits.
--
-- Three parts. The rate at which someone orders is shrunk towards everybody's (gamma-Poisson, by moments). Whether they
-- still come is judged by how unusual their silence is at that rate (the modified BG/NBD of Batislam, Denizel and
-- Filiztekin, 2007). What they spend on an order is shrunk towards everybody's (Bühlmann, 1967). All of it is judged
-- twice: first as if the time of everybody ran until now and as many gave up as elsewhere, then with the time of those
-- who seem gone cut at their last order, and as many gone as it seemed here. Sums are exact numerics: in floating point
-- they would depend on the order of the rows.
-- Nearly every row is written on each run; but a table made anew would take the views over it along for a while.
-- Variables: `forecast_dropout_a`, `forecast_dropout_b`: what is believed of giving up after an order, before looking.
{{ config(materialized='difference', key=['customer_id']) }}
{%- set a = var('forecast_dropout_a', 0.89) -%}
{%- set b = var('forecast_dropout_b', 1.61) %}

with

buyers as (

    select
        customer_id,
        lifetime_value,
        reported_order_count,
        kept_revenue_squares,
        cast(order_count - 1 as numeric) as repeats,
        round(
            cast(extract(epoch from last_order_at - first_order_at) as numeric) / 31557600, 6
        ) as active_years,
        round(
            cast(extract(epoch from {{ as_of() }} - first_order_at) as numeric) / 31557600, 6
        ) as known_years
    from {{ ref('customer_sales') }}

),

observed_1 as (

    select
        customer_id,
        repeats,
        active_years,
        known_years,
        known_years as years_with_us,
        cast(repeats as double precision) as times_back,
        cast(active_years as double precision) as time_active,
        cast(known_years as double precision) as time_known
    from buyers

),

leaving_1 as (

    select
        cast({{ a }} as numeric) as gone_after,
        cast({{ b }} as numeric) as stayed_after

),

{{ forecast_pass(1) }},

observed_2 as materialized (

    select
        customer_id,
        repeats,
        active_years,
        known_years,
        round(probability_active * known_years + (1 - probability_active) * active_years, 6) as years_with_us,
        times_back,
        time_active,
        time_known
    from judged_1

),

leaving_2 as (

    select
        {{ a + b }} * gone_share as gone_after,
        greatest({{ a + b }} * (1 - gone_share), 0.01) as stayed_after
    from (select sum(1 - probability_active) / sum(repeats + 1) as gone_share from judged_1) as seemed

),

{{ forecast_pass(2) }},

values_of_everybody as (

    select
        sum(reported_order_count) as order_count,
        sum(lifetime_value) / nullif(sum(reported_order_count), 0) as mean_value,
        (sum(kept_revenue_squares) - sum(lifetime_value * lifetime_value / reported_order_count))
        / nullif(sum(reported_order_count) - count(*), 0) as variance_within,
        (
            sum(lifetime_value * lifetime_value / reported_order_count)
            - sum(lifetime_value) * sum(lifetime_value) / nullif(sum(reported_order_count), 0)
        ) as squares_between,
        sum(reported_order_count)
        - sum(reported_order_count * reported_order_count) / nullif(sum(reported_order_count), 0) as weight_between,
        count(*) - 1 as freedom_between
    from buyers
    where reported_order_count > 0

),

-- How far the worth of orders differs between customers, beyond what the orders of each differ by themselves.
pull_of_everybody as (

    select
        mean_value,
        variance_within / nullif(
            greatest((squares_between - freedom_between * variance_within) / nullif(weight_between, 0), 0), 0
        ) as pull
    from values_of_everybody

),

-- One row, put aside, as `everybody_<pass>` is.
credibility as materialized (

    select
        mean_value,
        pull,
        mean_value * pull as pulled_value
    from pull_of_everybody

),

likely as materialized (

    select
        *,
        shape / (rate + time_known) as orders_per_year,
        gone_after / (gone_after + stayed_after + times_back + 1) as dropout
    from judged_2

),

-- Where customers do not differ in what an order is worth, everybody's mean is the best that is known of each.
expected as materialized (

    select
        likely.customer_id,
        buyers.lifetime_value,
        likely.probability_active,
        -- Where nobody gives up, the limit of the expectation is the rate itself.
        coalesce(
            likely.probability_active * case
                when likely.dropout > 0 then (1 - exp(-likely.orders_per_year * likely.dropout)) / likely.dropout
                else likely.orders_per_year
            end,
            0
        ) as orders_next_year,
        coalesce(
            (buyers.lifetime_value + credibility.pulled_value)
            / (buyers.reported_order_count + credibility.pull),
            credibility.mean_value,
            0
        ) as expected_order_value
    from likely
    inner join buyers on likely.customer_id = buyers.customer_id
    cross join credibility

)

select
    customer_id,
    cast(probability_active as numeric(5, 4)) as probability_active,
    cast(orders_next_year as numeric(10, 2)) as expected_orders_next_year,
    cast(expected_order_value as numeric(18, 2)) as expected_order_value,
    cast(
        lifetime_value + cast(orders_next_year as numeric(10, 2)) * cast(expected_order_value as numeric(18, 2))
        as numeric(18, 2)
    ) as predicted_lifetime_value
from expected
