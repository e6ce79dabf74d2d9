"""Enough happens shortly before now that none of the retailer's ten segments is empty."""

from __future__ import annotations

import duckdb
import pytest

from sandbox.generator import generate

NOW = "timestamptz '2026-11-01 00:00:00+00'"
RECENT = f"ordered_at > {NOW} - interval 90 day"
BUYERS = "(select o.*, r.person_id from orders o join records r using (record_id) where o.cancelled_at is null)"
LAST = f"(select person_id, min(ordered_at) as first, max(ordered_at) as last, count(*) as n, sum(total) as spent, \
count(distinct channel) as channels from {BUYERS} group by person_id)"

SEGMENTS = {
    "vip": f"select count(*) from {LAST} where spent > 2000 and n >= 5",
    "new_customers": f"select count(*) from {LAST} where first > {NOW} - interval 30 day",
    "lapsing": f"""
        select count(*) from {LAST}
        where n > 1 and last between {NOW} - interval 180 day and {NOW} - interval 90 day""",
    "abandoned_checkout": f"""
        select count(distinct r.person_id) from checkouts c join records r using (record_id)
        where c.completed_at is null and c.started_at > {NOW} - interval 14 day
          and not exists (select 1 from {BUYERS} b where b.person_id = r.person_id and b.ordered_at > c.started_at)""",
    "recent_buyers_suppression": f"select count(*) from {LAST} where last > {NOW} - interval 14 day",
    "bopis_shoppers": f"select count(distinct person_id) from {BUYERS} where is_pickup and {RECENT}",
    "omnichannel_shoppers": f"select count(*) from {LAST} where channels > 1",
    "social_shoppers": f"""
        select count(distinct person_id) from {BUYERS} where channel = 'instagram' and {RECENT}""",
    "unhappy_rating": f"select count(*) from ratings where score = 'bad' and updated_at > {NOW} - interval 30 day",
    "unhappy_overdue": f"""
        select count(*) from tickets
        where solved_at is null and due_at < {NOW} and status not in ('solved', 'closed')""",
    "cross_sell": f"""
        select count(*) from (
        select person_id from {BUYERS} join order_lines using (order_id) join products using (product_id)
        group by person_id having count(distinct category) = 1 and count(distinct order_id) > 1)""",
}


@pytest.mark.parametrize("seed", [7, 11])
def test_no_segment_is_empty(seed):
    connection = duckdb.connect()
    for name, table in generate(2000, seed=seed).tables.items():
        connection.register(name, table)
    sizes = {name: connection.execute(query).fetchone()[0] for name, query in SEGMENTS.items()}
    buyers = connection.execute(f"select count(*) from {LAST}").fetchone()[0]
    assert all(10 <= size < buyers for size in sizes.values()), sizes
