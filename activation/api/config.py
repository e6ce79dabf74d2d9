"""What the API is told from outside."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ApiConfig(BaseModel):
    """Where the database is, how many connections each worker holds, and how phones without a country code are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conninfo: SecretStr
    default_region: str = Field(default="US", min_length=2, max_length=2)
    least_connections: int = Field(default=1, ge=1)
    most_connections: int = Field(default=8, ge=1)
    most_writing_connections: int = Field(default=4, ge=1)
    connection_timeout: float = Field(default=5, gt=0, description="seconds a request waits for a connection")
    statement_timeout: float = Field(default=30, gt=0, description="seconds a statement may take")
    key_memory: float = Field(
        default=0.8, ge=0, le=1, description="seconds a key is remembered, and so may outlive its revocation"
    )
    most_unwritten_audit: int = Field(default=10_000, ge=1, description="entries that may wait to be written")
    shared_folder: Path | None = Field(
        default=None, description="where several workers on one machine count the requests of keys together"
    )
