"""Whether the process answers, and whether profiles are there to be read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Profiles are published and can be read."""

    status: Literal["ready"] = "ready"
    run_id: str = Field(examples=["8f9d2c1e-6a54-4d3f-9b57-2f0a7d0c4b11"])
    as_of: datetime
    published_at: datetime
