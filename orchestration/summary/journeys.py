"""Journeys: how many come to each stage and go on, the paths to a first order, the steps from channel to channel."""

from __future__ import annotations

from orchestration.summary.figures import (
    NOTHING,
    Block,
    Column,
    Facts,
    count,
    duration,
    numbers,
    sentence,
    share,
    table,
    words,
)

_SHOWN = 6

_STAGES = """
    select stage, next_stage, reached, went_on, share, median_days
    from marts.journey_drop_off
    order by position
"""

_PATHS = f"""
    select path, customer_count, share, median_days
    from marts.first_order_paths
    order by (path = 'other'), customer_count desc, path
    limit {_SHOWN}
"""

_STEPS = f"""
    select from_channel, to_channel, step_count, customer_count, median_hours
    from marts.journey_transitions
    where from_channel <> to_channel
    order by step_count desc, from_channel, to_channel
    limit {_SHOWN}
"""


def stages(facts: Facts) -> list[Block]:
    """Customers per stage and how many are lost before the next."""
    rows = facts.rows(_STAGES)
    if not rows or not rows[0]["reached"]:
        return [Block("Journeys", (sentence("Nobody has begun a journey yet."),))]
    drawn = table(
        [
            Column("stage", "words"),
            *numbers("reached"),
            Column("next", "words"),
            *numbers("went on", "lost", "days to it"),
        ],
        (
            [
                row["stage"],
                count(row["reached"]),
                words(row["next_stage"]),
                count(row["went_on"]) if row["next_stage"] else NOTHING,
                share(1 - row["share"]) if row["next_stage"] and row["share"] is not None else NOTHING,
                NOTHING if row["median_days"] is None else f"{row['median_days']:,.0f}",
            ]
            for row in rows
        ),
    )
    return [Block("Journeys", (drawn,))]


def paths(facts: Facts) -> list[Block]:
    """The commonest ways to a first order."""
    rows = facts.rows(_PATHS)
    if not rows:
        return []
    drawn = table(
        [Column("channels in their order", "words", shrinks=True), *numbers("customers", "share", "days")],
        ([row["path"], count(row["customer_count"]), share(row["share"]), _days(row["median_days"])] for row in rows),
    )
    return [Block("Paths to a first order", (drawn,))]


def steps(facts: Facts) -> list[Block]:
    """The commonest steps from one channel to another."""
    rows = facts.rows(_STEPS)
    if not rows:
        return []
    drawn = table(
        [Column("from", "words"), Column("to", "words"), *numbers("times", "customers", "after (median)")],
        (
            [
                words(row["from_channel"]),
                words(row["to_channel"]),
                count(row["step_count"]),
                count(row["customer_count"]),
                duration(None if row["median_hours"] is None else 60 * row["median_hours"]),
            ]
            for row in rows
        ),
    )
    return [Block("From channel to channel", (drawn,))]


def _days(days: float | None) -> str:
    return NOTHING if days is None else f"{days:,.1f}"
