"""What a caller may decide about matching; the defaults need no decision."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

EngineName: TypeAlias = Literal["duckdb", "spark"]


class IdentitySettings(BaseModel):
    """Frozen; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default_region: str = Field("US", min_length=2, max_length=2, description="region of phones without a country code")
    threshold: float | None = Field(
        None,
        ge=1.0,
        description="bits of evidence (2 is odds of 4 to 1) from which two groups of records are one person; "
        "none: learnt from the data",
    )
    pairs_per_record: float = Field(6.0, gt=0, description="how many comparisons per record blocking may spend")
    largest_block: int = Field(200, gt=1, description="values carried by more records than this open no comparisons")
    kept_edges_from: float = Field(-4.0, description="match weight from which a rejected pair is kept as evidence")
    one_record_per_source: bool = Field(
        False, description="whether each source holds a person at most once, so that two of its records never join"
    )
    # Left out of what is written down: where a model was learnt is nothing that it depends on.
    engine: EngineName = Field(
        "duckdb", exclude=True, description="where the heavy part is computed; the result is the same"
    )

    def learns_as(self, other: IdentitySettings) -> bool:
        """Whether the same records teach the same model with either: all is equal but the engine."""
        return self.model_dump() == other.model_dump()
