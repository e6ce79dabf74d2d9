"""What customers bought and are expected to buy: buyers, revenue, lifetime value, RFM groups."""

from __future__ import annotations

from orchestration.summary.figures import Block, Column, Facts, count, numbers, sentence, share, table, words

_TOTALS = """
    select
        count(*) filter (where order_count > 0) as buyers,
        sum(order_count)::bigint as orders,
        sum(revenue) as revenue,
        sum(lifetime_value) as value,
        sum(predicted_lifetime_value) as predicted,
        sum(expected_orders_next_year) as expected_orders,
        count(*) filter (where order_count > 1) as repeat_buyers,
        min(currency) as currency
    from marts.customer_metrics
"""

_GROUPS = """
    select
        rfm_group, count(*) as customers, sum(revenue) as revenue, avg(predicted_lifetime_value) as predicted,
        avg(days_since_last_order) as days
    from marts.customer_metrics
    where rfm_group is not null
    group by rfm_group
    order by sum(revenue) desc, rfm_group
"""


def metrics(facts: Facts) -> list[Block]:
    """Buyers, revenue, lifetime value with its forecast, and the RFM groups."""
    found = facts.row(_TOTALS)
    if not found["buyers"]:
        return [Block("Customer metrics", (sentence("Nobody has bought anything yet."),))]
    currency = found["currency"]
    lines = (
        f"**{count(found['buyers'])} buyers**, {share(found['repeat_buyers'] / found['buyers'])} of them more than "
        f"once; {count(found['orders'])} orders, revenue **{count(found['revenue'])} {currency}**",
        f"lifetime value {count(found['value'])} {currency}; a year from now, with the "
        f"{count(found['expected_orders'])} orders that are expected, {count(found['predicted'])} {currency}",
    )
    groups = table(
        [Column("RFM group", "words"), *numbers("customers", "revenue", "share", "value in a year", "last order")],
        (
            [
                words(row["rfm_group"]),
                count(row["customers"]),
                count(row["revenue"]),
                share(row["revenue"] / found["revenue"]) if found["revenue"] else share(None),
                count(row["predicted"]),
                f"{count(row['days'])} d ago",
            ]
            for row in facts.rows(_GROUPS)
        ),
    )
    return [Block("Customer metrics", (*(sentence(line) for line in lines), groups))]
