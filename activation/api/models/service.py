"""The figures of customer service."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class ServiceFigure(BaseModel):
    """The figures of one month, channel and team, or of a total over some of them (see `level`)."""

    model_config = ConfigDict(extra="allow")

    level: str = Field(description="month_channel_team, month_channel, month_team, month or all", examples=["month"])
    month: date | None = Field(None, description="first day of the month, in UTC; null over all")
    channel: str | None = Field(None, description="null over all channels", examples=["email"])
    team: str | None = Field(None, description="null over all teams", examples=["Orders"])
    cases_opened: int | None = Field(None, examples=[412])
    cases_solved: int | None = Field(None, examples=[398])
    average_first_reply_minutes: float | None = None
    median_first_reply_minutes: float | None = None
    average_resolution_minutes: float | None = None
    share_answered_within_two_hours: float | None = Field(None, description="0 to 1")
    csat: float | None = Field(None, description="0 to 1")
    nps: float | None = Field(None, description="-100 to 100")
    backlog: int | None = None
    repeat_contact_share: float | None = Field(None, description="0 to 1")
    handovers: int | None = None


class ServiceFigures(BaseModel):
    """The figures asked for, by month, channel and team."""

    items: list[ServiceFigure]
