"""The figures of customer service by month, channel and team, as the marts have them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from activation.api import examples
from activation.api.access import REFUSALS, Database
from activation.api.models import ServiceFigures
from activation.api.parameters import Reader, Word
from activation.api.problems import documented

router = APIRouter(prefix="/v1/service", tags=["service"])


class Level(StrEnum):
    """What a row adds up."""

    MONTH_CHANNEL_TEAM = "month_channel_team"
    MONTH_CHANNEL = "month_channel"
    MONTH_TEAM = "month_team"
    MONTH = "month"
    ALL = "all"


_FIGURES: Final = """
    select level, month, channel, team, figures
    from activation.service_figures
    where level = %(level)s
    and (%(channels)s::text[] is null or channel = any(%(channels)s::text[]))
    and (%(teams)s::text[] is null or team = any(%(teams)s::text[]))
    and (%(since)s::date is null or month >= date_trunc('month', %(since)s::timestamp))
    and (%(until)s::date is null or month <= %(until)s::date)
    order by month desc, channel, team
"""


@router.get(
    "",
    response_model=ServiceFigures,
    responses={**documented(*REFUSALS, 422, 500), **examples.answered({"by month": examples.SERVICE})},
)
async def service(
    database: Database,
    _: Reader,
    level: Annotated[
        Level | None,
        Query(
            description="what a row adds up; without it, the coarsest that the filters allow",
            examples=["month_channel"],
        ),
    ] = None,
    channel: Annotated[list[Word] | None, Query(max_length=20, examples=[["email", "chat"]])] = None,
    team: Annotated[list[Word] | None, Query(max_length=50, examples=[["Orders"]])] = None,
    since: Annotated[
        date | None, Query(description="the first month, by any of its days", examples=["2026-01-01"])
    ] = None,
    until: Annotated[
        date | None, Query(description="the last month, by any of its days", examples=["2026-05-31"])
    ] = None,
) -> dict[str, Any]:
    """Cases, waiting times, satisfaction, backlog and repeat contacts; the latest month first.

    Totals cannot be had by adding rows up (a median is none): ask for the level.
    """
    asked = {
        "level": level or _coarsest(channel, team),
        "channels": channel,
        "teams": team,
        "since": since,
        "until": until,
    }
    rows = await (await database.execute(_FIGURES, asked)).fetchall()
    return {"items": [row.pop("figures") | row for row in rows]}


def _coarsest(channel: list[str] | None, team: list[str] | None) -> Level:
    if channel and team:
        return Level.MONTH_CHANNEL_TEAM
    if channel:
        return Level.MONTH_CHANNEL
    return Level.MONTH_TEAM if team else Level.MONTH
