"""What the API is told from outside."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ApiConfig(BaseModel):
    """Where the database is, how many connections to hold, and how phones without a country code are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conninfo: SecretStr
    default_region: str = Field(default="US", min_length=2, max_length=2)
    least_connections: int = Field(default=1, ge=1)
    most_connections: int = Field(default=8, ge=1)
    connection_timeout: float = Field(default=5, gt=0, description="seconds a request waits for a connection")
