"""Customer service: the last full month by channel, and whether every channel serves alike."""

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

# The current month is the last one with a row, so a full one lies before the month of the youngest touchpoint.
_MONTH = """
    select
        coalesce(channel, 'all channels') as channel, channel is null as is_total, month,
        cases_opened, average_first_reply_minutes, share_answered_within_two_hours, average_resolution_minutes, csat,
        repeat_contact_share, backlog
    from marts.service_figures
    where
        level in ('month', 'month_channel')
        and (cases_opened > 0 or cases_solved > 0 or backlog > 0 or rating_count > 0)
        and month = (
            select max(month)
            from marts.service_figures
            where
                level = 'month'
                and month < (
                    select date_trunc('month', max(occurred_at) at time zone 'UTC')::date
                    from marts.touchpoints
                    where is_past
                )
        )
    order by is_total, cases_opened desc, channel
"""

_FIGURES = {
    "first_reply_minutes": "first reply",
    "share_answered_within_two_hours": "answered in 2 h",
    "resolution_minutes": "resolution",
    "csat": "CSAT",
    "repeat_contact_share": "repeat contacts",
}

_ALIKE = """
    select figure, channel, verdict
    from marts.channel_consistency
    where verdict in ('better', 'worse')
    order by figure, verdict, channel
"""


def service(facts: Facts) -> list[Block]:
    """The last full month: first reply, resolution, satisfaction, backlog, repeat contacts; channels side by side."""
    rows = facts.rows(_MONTH)
    if not rows:
        return [Block("Service", (sentence("No full month of service yet: nobody has asked for help."),))]
    drawn = table(
        [
            Column("channel", "words"),
            *numbers("cases", "1st reply", "in 2 h", "resolved in", "CSAT", "repeat", "backlog"),
        ],
        (
            [
                words(row["channel"]),
                count(row["cases_opened"]),
                duration(row["average_first_reply_minutes"]),
                share(row["share_answered_within_two_hours"]),
                duration(row["average_resolution_minutes"]),
                share(row["csat"]),
                share(row["repeat_contact_share"]),
                count(row["backlog"]),
            ]
            for row in rows
        ),
    )
    return [Block(f"Service in {rows[0]['month']:%B %Y}", (drawn,)), *_alike(facts)]


def _alike(facts: Facts) -> list[Block]:
    rows = facts.rows(_ALIKE)
    if not rows:
        return []

    def channels(figure: str, verdict: str) -> str:
        named = [words(row["channel"]) for row in rows if (row["figure"], row["verdict"]) == (figure, verdict)]
        return ", ".join(named) or NOTHING

    drawn = table(
        [Column("beside all of them together", "words"), Column("better", "words"), Column("worse", "words")],
        (
            [label, channels(figure, "better"), channels(figure, "worse")]
            for figure, label in _FIGURES.items()
            if any(row["figure"] == figure for row in rows)
        ),
    )
    return [Block("Channels side by side", (drawn,))]
