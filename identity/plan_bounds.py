"""How far a run may change customers without a person's word."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Bounds(BaseModel):
    """Frozen; an unknown field is an error; a bound that is null is off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    largest_component: int | None = Field(200, ge=1, description="records in one customer")
    largest_share_merged: float | None = Field(
        0.05,
        ge=0,
        le=1,
        description="share of the customers before the run that it may merge into others. A run that merges more is "
        "suspect as a whole (a bad model, an identifier pasted on thousands of records), and the merges that it is "
        "surest of as much as the others: all its merges are held but those released or judged to be one person",
    )
    merges_always_allowed: int = Field(25, ge=0, description="merges in one run before their share is asked about")
    newly_reachable: int | None = Field(
        0, ge=0, description="opted-out records of one change that may become reachable by it"
    )
    strong_ids_per_source: int | None = Field(1, ge=1, description="strong ids of one source in one customer")
