"""Which pairs are compared at all: blocking rules, counted before they run, with skewed values cut.

Everything here is a function of the blocks that a record is in: a block that grows past its rule's largest size opens
no comparisons any more, whatever happens to other blocks. That is what makes an incremental run equal a full one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from identity.blocking_rules import EVERY_RULE, BlockingRule
from identity.comparisons import Comparison

# A rule may spend this share of all comparisons; what exceeds it loses its largest blocks first.
_SHARE_OF_ONE_RULE: Final = 0.25
# Small tables can afford to compare more.
_FEWEST_AFFORDED: Final = 3_000_000
_SMALLER_BLOCKS: Final = (0.5, 0.25, 0.125, 0.06, 0.025)


@dataclass(frozen=True)
class CountedRule:
    """A rule and what it costs: `pairs` to compare with the blocks above `largest_block` records left out."""

    rule: BlockingRule
    pairs: int
    largest_block: int
    values_left_out: int

    @property
    def number(self) -> int:
        """The number of the rule in the tables of blocks and in the bits of `rules`."""
        return rule_number(self.rule)

    @property
    def most_pairs(self) -> int:
        """Pairs of the largest block that is compared."""
        return self.largest_block * (self.largest_block - 1) // 2


def rule_number(rule: BlockingRule) -> int:
    """The number of a rule in the tables of blocks and in the bits of `rules`: its place among all rules."""
    return _NUMBERS[rule.name]


_NUMBERS: Final = {rule.name: number for number, rule in enumerate(EVERY_RULE)}
RULES_BY_NAME: Final = {rule.name: rule for rule in EVERY_RULE}
"""The rules that there are, by name."""


def build_blocks(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[BlockingRule], *, features: str, blocks: str
) -> None:
    """Create `blocks` (`rule, key, rid, seeks`) with the keys that the records of the table `features` have."""
    connection.execute(f"create or replace table {blocks} (rule utinyint, key ubigint, rid integer, seeks boolean)")
    for rule in rules:
        key = f"unnest({rule.key})" if rule.many else rule.key
        seeks = "true"
        if rule.sought_by is not None:
            seeks = f"({rule.sought_by}) and coalesce(list_contains({rule.seeking_key}, key), false)"
        connection.execute(f"""
            insert into {blocks}
            select {rule_number(rule)}, hash(key), rid, {seeks}
            from (select *, {key} as key from {features})
            where key is not null
        """)


# Of n records of which s seek, the pairs in which at least one seeks.
_PAIRS: Final = "(n * (n - 1) // 2 - (n - s) * (n - s - 1) // 2)"


def rules_for(comparisons: Sequence[Comparison]) -> tuple[BlockingRule, ...]:
    """The rules whose keys are worth making for a model with these comparisons."""
    names = {comparison.name for comparison in comparisons}
    return tuple(rule for rule in EVERY_RULE if names and (rule.only_for is None or rule.only_for in names))


def count_rules(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[BlockingRule] = EVERY_RULE,
    *,
    pairs_per_record: float,
    largest_block: int,
    blocks: str = "blocks",
) -> list[CountedRule]:
    """Choose the rules that fit the budget, each with the largest block that it can afford, from the table `blocks`.

    A value on very many records says little about a person, and a narrower rule finds the pairs that matter: a rule
    that would spend more than its share drops its largest blocks, and one that cannot afford any is left out. So is one
    that finds no pair, but for rules made for one comparison: what that compares may meet later.
    """
    (records,) = connection.execute("select count(*) from features").fetchall()[0]
    budget = max(pairs_per_record * records, _FEWEST_AFFORDED)
    every_cap = sorted({cap for rule in rules for cap in _caps(rule, largest_block)})
    sums = ", ".join(
        f"coalesce(sum({_PAIRS}) filter ({_PAIRS} <= {cap * (cap - 1) // 2}), 0)::bigint, "
        f"count(*) filter ({_PAIRS} > {cap * (cap - 1) // 2})"
        for cap in every_cap
    )
    costs = {
        row[0]: dict(zip(every_cap, zip(row[1::2], row[2::2], strict=True), strict=True))
        for row in connection.execute(f"""
            select rule, {sums}
            from (select rule, key, count(*) as n, count(*) filter (seeks) as s from {blocks} group by rule, key)
            where n > 1 and s > 0
            group by rule
        """).fetchall()
    }
    chosen: list[CountedRule] = []
    spent = 0
    for rule in rules:
        cost = costs.get(rule_number(rule), dict.fromkeys(every_cap, (0, 0)))
        for cap in _caps(rule, largest_block):
            pairs, left_out = cost[cap]
            if pairs <= budget * _SHARE_OF_ONE_RULE and spent + pairs <= budget:
                if pairs or rule.only_for is not None:
                    spent += pairs
                    chosen.append(CountedRule(rule, pairs, cap, left_out))
                break
    return chosen


def _caps(rule: BlockingRule, largest_block: int) -> list[int]:
    """The largest blocks that a rule may have, the best first."""
    most = min(largest_block, rule.largest_block or largest_block)
    return [most, *(max(int(most * part), 2) for part in _SMALLER_BLOCKS)]


def block(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[CountedRule],
    *,
    blocks: str = "blocks",
    touched: str | None = None,
    pairs: str = "pairs",
) -> int:
    """Create `pairs` (`rid_l < rid_r`, `rules`: bit i is set when rule number i found it) and return its size.

    Args:
        connection: holds the tables named.
        rules: those chosen, with their largest blocks.
        blocks: table of `build_blocks`.
        touched: a table with `rid`: only pairs with at least one of these are wanted; null wants all.
        pairs: the table to create.
    """
    connection.execute("create or replace temp table found (rid_l integer, rid_r integer, rules bigint)")
    for counted in rules:
        number = rule_number(counted.rule)
        own = f"select key, rid, seeks from {blocks} where rule = {number}"
        if touched is not None:
            own += f" and key in (select key from {blocks} semi join {touched} using (rid) where rule = {number})"
        connection.execute(f"""
            create or replace temp table kept as
            with own as materialized ({own})
            select key, rid, seeks from own
            where key in (
                select key from (
                    select key, count(*) as n, count(*) filter (seeks) as s from own group by key
                ) where n > 1 and s > 0 and {_PAIRS} <= {counted.most_pairs}
            )
        """)
        seekers = "" if counted.rule.sought_by is None else "and (a.seeks or b.seeks)"
        if touched is None:
            join = f"from kept as a join kept as b on a.key = b.key and a.rid < b.rid {seekers}"
        else:
            # Each pair once: from its touched member, or from the smaller one when both are.
            join = f"""
                from (select * from kept semi join {touched} using (rid)) as a
                join (select kept.*, {touched}.rid is not null as also from kept left join {touched} using (rid)) as b
                    on a.key = b.key and a.rid <> b.rid and (not b.also or a.rid < b.rid) {seekers}
            """
        connection.execute(f"""
            insert into found
            select least(a.rid, b.rid), greatest(a.rid, b.rid), {1 << number}::bigint {join}
        """)
    connection.execute(f"""
        create or replace temp table {pairs} as
        select rid_l, rid_r, bit_or(rules) as rules from found group by rid_l, rid_r
    """)
    connection.execute("drop table found")
    connection.execute("drop table if exists kept")
    (count,) = connection.execute(f"select count(*) from {pairs}").fetchall()[0]
    return int(count)


def crossing_blocks(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[CountedRule], *, blocks: str, fresh: str, touched: str
) -> None:
    """Create `crossing` (`rule, key`): blocks that a change makes too large to compare, or small enough again.

    Args:
        connection: holds the tables named.
        rules: those chosen, with their largest blocks.
        blocks: the blocks before the change.
        fresh: the new blocks of the touched records.
        touched: a table with `rid`.
    """
    connection.execute("create or replace temp table crossing (rule utinyint, key ubigint)")
    for counted in rules:
        own = f"from {blocks} where rule = {counted.number}"
        new = f"from {fresh} where rule = {counted.number}"
        connection.execute(f"""
            insert into crossing
            with keys as (
                select key {new} union select key {own} and rid in (select rid from {touched})
            ),
            before as (select key, rid, seeks {own} and key in (select key from keys)),
            after as (
                select * from before where rid not in (select rid from {touched})
                union all select key, rid, seeks {new}
            ),
            old as (select key, count(*) as n, count(*) filter (seeks) as s from before group by key),
            now as (select key, count(*) as n, count(*) filter (seeks) as s from after group by key),
            both_sides as (
                select keys.key,
                    coalesce((select {_PAIRS} from old where old.key = keys.key), 0) as pairs_before,
                    coalesce((select {_PAIRS} from now where now.key = keys.key), 0) as pairs_after
                from keys
            )
            select {counted.number}, key from both_sides
            where (pairs_before > {counted.most_pairs}) <> (pairs_after > {counted.most_pairs})
        """)
