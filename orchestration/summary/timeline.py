"""The timeline in figures: touchpoints by channel and kind, conversations across channels, what people wrote."""

from __future__ import annotations

from itertools import groupby

from orchestration.summary.figures import Block, Column, Facts, count, numbers, sentence, share, table, words

_TOUCHPOINTS = """
    select channel, kind, count(*) as touchpoints, count(*) - count(customer_id) as anonymous
    from marts.touchpoints
    where is_past
    group by channel, kind
    order by channel, count(*) desc, kind
"""

_CONVERSATIONS = """
    select
        count(*) as conversations,
        count(distinct customer_id) as customers,
        count(*) filter (where channel_count > 1) as across_channels,
        max(channel_count) as most_channels,
        sum(handover_count)::bigint as handovers,
        count(*) filter (where has_open_case) as open_case
    from marts.conversations
"""

_WRITTEN = """
    select count(*) as touchpoints, count(distinct order_id) as orders
    from marts.touchpoints
    where is_past and order_evidence = 'written'
"""

_KINDS_SHOWN = 4


def touchpoints(facts: Facts) -> list[Block]:
    """Touchpoints by channel, the commonest kinds of each, and how many belong to nobody known."""
    rows = facts.rows(_TOUCHPOINTS)
    if not rows:
        return [Block("Timeline", (sentence("The timeline is empty: nothing has happened yet."),))]
    lines = []
    for channel, group in groupby(rows, key=lambda row: row["channel"]):
        kinds = list(group)
        total = sum(row["touchpoints"] for row in kinds)
        told = ", ".join(f"{words(row['kind'])} {count(row['touchpoints'])}" for row in kinds[:_KINDS_SHOWN])
        anonymous = sum(row["anonymous"] for row in kinds) / total
        lines.append((total, [words(channel or "no channel"), count(total), share(anonymous), told]))
    total = sum(line[0] for line in lines)
    anonymous = sum(row["anonymous"] for row in rows) / total
    drawn = table(
        [Column("channel", "words"), *numbers("touchpoints", "anonymous"), Column("of which", "words", shrinks=True)],
        (cells for _, cells in sorted(lines, key=lambda line: (-line[0], line[1][0]))),
    )
    told = f"**{count(total)} touchpoints**; {share(anonymous)} are anonymous: no identifier tells whose they are"
    return [Block("Timeline", (sentence(told), drawn))]


def conversations(facts: Facts) -> list[Block]:
    """Conversations, over how many channels they went, and the orders that people's own words led to."""
    found, written = facts.row(_CONVERSATIONS), facts.row(_WRITTEN)
    if not found["conversations"]:
        return [Block("Conversations", (sentence("Nobody has said anything yet."),))]
    lines = [
        f"**{count(found['conversations'])} conversations** of {count(found['customers'])} customers, "
        f"{count(found['open_case'])} with an open case",
        f"{count(found['across_channels'])} went over several channels, at most {found['most_channels']}; "
        f"customers changed channel {count(found['handovers'])} times",
        f"{count(written['touchpoints'])} messages were laid to {count(written['orders'])} orders by the order number "
        "that was written in them",
    ]
    return [Block("Conversations", tuple(sentence(line) for line in lines))]
