"""Which pairs are compared at all: blocking rules, counted before they run, with skewed values cut."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from identity.blocking_rules import EVERY_RULE, BlockingRule


@dataclass(frozen=True)
class CountedRule:
    """A rule and what it costs: `pairs` to compare with the values above `largest_block` records left out."""

    rule: BlockingRule
    pairs: int
    largest_block: int
    values_left_out: int


def count_rules(
    connection: duckdb.DuckDBPyConnection, *, pairs_per_record: float, largest_block: int
) -> list[CountedRule]:
    """Create `block_<rule>` (`key, rid`) for every rule with pairs, and choose those that fit the budget.

    Values carried by more than `largest_block` records are left out of a rule: they say little about a person, and a
    narrower rule finds the pairs that matter.
    """
    (records,) = connection.execute("select count(*) from features").fetchall()[0]
    budget = max(pairs_per_record * records, 200_000)
    chosen: list[CountedRule] = []
    spent = 0
    for rule in EVERY_RULE:
        key = f"unnest({rule.key})" if rule.many else rule.key
        connection.execute(f"""
            create or replace temp table block_{rule.name} as
            select hash(key) as key, rid from (select {key} as key, rid from features) where key is not null
        """)
        sizes = f"(select key, count(*) as size from block_{rule.name} group by key having count(*) > 1)"
        pairs, left_out = connection.execute(f"""
            select coalesce(sum(size * (size - 1) // 2) filter (where size <= {largest_block}), 0)::bigint,
                count(*) filter (where size > {largest_block})
            from {sizes}
        """).fetchall()[0]
        if pairs and spent + pairs <= budget:
            spent += pairs
            chosen.append(CountedRule(rule, pairs, largest_block, left_out))
        else:
            connection.execute(f"drop table block_{rule.name}")
    return chosen


def block(connection: duckdb.DuckDBPyConnection, rules: list[CountedRule]) -> int:
    """Create `pairs` (`rid_l < rid_r`, `rules`: bit i is set when rule i found the pair) and return its size."""
    parts = [
        f"""
        select a.rid as rid_l, b.rid as rid_r, {1 << place}::bigint as rule
        from kept_{counted.rule.name} as a join kept_{counted.rule.name} as b on a.key = b.key and a.rid < b.rid
        """
        for place, counted in enumerate(rules)
    ]
    for counted in rules:
        name = counted.rule.name
        connection.execute(f"""
            create or replace temp table kept_{name} as
            select key, rid from block_{name}
            where key in (
                select key from block_{name} group by key having count(*) between 2 and {counted.largest_block}
            )
        """)
        connection.execute(f"drop table block_{name}")
    union = " union all ".join(parts) if parts else "select 0 as rid_l, 0 as rid_r, 0::bigint as rule where false"
    connection.execute(f"""
        create or replace temp table pairs as
        select rid_l, rid_r, bit_or(rule) as rules from ({union}) group by rid_l, rid_r
    """)
    for counted in rules:
        connection.execute(f"drop table kept_{counted.rule.name}")
    (count,) = connection.execute("select count(*) from pairs").fetchall()[0]
    return int(count)
