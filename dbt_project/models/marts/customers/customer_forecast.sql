-- What each buyer is expected to order in the next year: a closed formula over what they bought so far, as of now.
-- One row per customer who ever bought. `docs/metrics.md` has the formulas, their sources and their limits.
--
-- Three parts. The rate at which someone orders is shrunk towards everybody's (gamma-Poisson, by moments). Whether they
-- still come is judged by how unusual their silence is at that rate (the modified BG/NBD of Batislam, Denizel and
-- Filiztekin, 2007). What they spend on an order is shrunk towards everybody's (Bühlmann, 1967). Sums are exact
-- numerics: floating point would depend on the order of the rows.
-- Variables: `forecast_dropout_a`, `forecast_dropout_b`: what is believed of giving up after an order.
{%- set a = var('forecast_dropout_a', 0.89) -%}
{%- set b = var('forecast_dropout_b', 1.61) %}

with

values_of_orders as (

    select
        customer_id,
        count(*) as order_count,
        sum(kept_revenue) as kept_revenue,
        sum(kept_revenue * kept_revenue) as squares
    from {{ ref('orders') }}
    where
        is_sale
        and customer_id is not null
        and ordered_at <= {{ as_of() }}
        and currency = '{{ var("reporting_currency", "USD") }}'
    group by customer_id

),

buyers as (

    select
        sales.customer_id,
        sales.lifetime_value,
        cast(sales.order_count - 1 as numeric) as repeats,
        round(
            cast(extract(epoch from sales.last_order_at - sales.first_order_at) as numeric) / 31557600, 6
        ) as active_years,
        round(
            cast(extract(epoch from {{ as_of() }} - sales.first_order_at) as numeric) / 31557600, 6
        ) as known_years,
        coalesce(values_of_orders.order_count, 0) as valued_orders,
        coalesce(values_of_orders.kept_revenue, 0) as kept_revenue
    from {{ ref('customer_sales') }} as sales
    left join values_of_orders on sales.customer_id = values_of_orders.customer_id

),

habits as (

    select coalesce(sum(repeats) / nullif(sum(known_years), 0), 0) as mean_rate
    from buyers

),

-- What customers' rates differ by, beyond chance: the spread of counts, less what a Poisson process spreads by itself.
spread as (

    select
        habits.mean_rate,
        greatest(
            coalesce(
                (
                    sum((buyers.repeats - habits.mean_rate * buyers.known_years) ^ 2)
                    - habits.mean_rate * sum(buyers.known_years)
                ) / nullif(sum(buyers.known_years * buyers.known_years), 0),
                0
            ),
            habits.mean_rate * habits.mean_rate / 100
        ) as rate_variance
    from habits
    left join buyers on true
    group by habits.mean_rate

),

values_of_everybody as (

    select
        sum(order_count) as order_count,
        sum(kept_revenue) / nullif(sum(order_count), 0) as mean_value,
        (sum(squares) - sum(kept_revenue * kept_revenue / order_count))
        / nullif(sum(order_count) - count(*), 0) as variance_within,
        (
            sum(kept_revenue * kept_revenue / order_count)
            - sum(kept_revenue) * sum(kept_revenue) / nullif(sum(order_count), 0)
        ) as squares_between,
        sum(order_count) - sum(order_count * order_count) / nullif(sum(order_count), 0) as weight_between,
        count(*) - 1 as freedom_between
    from values_of_orders

),

population as (

    select
        cast(spread.mean_rate * spread.mean_rate / nullif(spread.rate_variance, 0) as double precision) as shape,
        cast(spread.mean_rate / nullif(spread.rate_variance, 0) as double precision) as rate,
        worth.mean_value,
        worth.variance_within,
        (worth.squares_between - worth.freedom_between * worth.variance_within)
        / nullif(worth.weight_between, 0) as variance_between
    from spread
    cross join values_of_everybody as worth

),

judged as (

    select
        buyers.customer_id,
        buyers.lifetime_value,
        (population.shape + buyers.repeats) / (population.rate + buyers.known_years) as orders_per_year,
        -- The exponent is bounded where the probability is zero anyway, for the sake of very frequent buyers.
        1 / (
            1 + {{ a }} / ({{ b }} + buyers.repeats) * exp(
                least(
                    (population.shape + buyers.repeats)
                    * ln((population.rate + buyers.known_years) / (population.rate + buyers.active_years)),
                    700
                )
            )
        ) as probability_active,
        {{ a }} / cast({{ a }} + {{ b }} + buyers.repeats + 1 as double precision) as dropout,
        case
            when population.variance_between > 0
                then
                    (
                        buyers.kept_revenue
                        + population.mean_value * population.variance_within / population.variance_between
                    ) / (buyers.valued_orders + population.variance_within / population.variance_between)
            else population.mean_value
        end as expected_order_value
    from buyers
    cross join population

),

expected as (

    select
        customer_id,
        lifetime_value,
        coalesce(probability_active, 1) as probability_active,
        coalesce(probability_active * (1 - exp(-orders_per_year * dropout)) / dropout, 0) as orders_next_year,
        coalesce(expected_order_value, 0) as expected_order_value
    from judged

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
