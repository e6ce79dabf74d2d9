"""What a report is made from, in the forms that its sections share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from identity.columns import one_array
from identity.components import Floats, Labels
from identity.pipeline import Resolution
from identity.recognise import Column
from identity.why.masking import mask

KIND_OF: dict[str, str] = {
    "full_name": "name",
    "given_name": "name",
    "family_name": "name",
    "former_family_names": "name",
    "emails": "email",
    "phones": "phone",
    "mentions": "mention",
    "handles": "handle",
    "birth_date": "date",
    "country": "country",
}
"""How a field is masked; fields that are not listed keep their first letter."""
SHOWN_FIELDS = (
    "full_name", "given_name", "family_name", "former_family_names", "emails", "phones", "handles", "external_ids",
    "mentions", "birth_date", "birth_place", "street", "city", "region", "postcode", "country", "occupation",
    "organisation",
)  # fmt: skip
"""Fields of a record that a person looks at to judge a pair."""


@dataclass(frozen=True)
class Source:
    """One input as it was read: its name, its rows, its columns with their reasons, and what was assumed."""

    name: str
    rows: int
    columns: tuple[Column, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """The records and what the run found; `seconds` by stage; values are masked unless `show_values`."""

    sources: tuple[Source, ...]
    records: pa.Table
    resolution: Resolution
    seconds: dict[str, float]
    show_values: bool

    @cached_property
    def model(self) -> dict[str, Any]:
        """The model as it is written to JSON."""
        return dict(json.loads(self.resolution.model))

    @property
    def threshold(self) -> float:
        """Bits from which two groups of records are one person."""
        return float(self.model["threshold"])

    @cached_property
    def record_ids(self) -> pa.Array:
        """The ids of the records, in the order of `record_customers`."""
        return one_array(self.resolution.record_customers["record_id"])

    @cached_property
    def left(self) -> Labels:
        """For each edge the place of its first record among `record_ids`."""
        return self._places("record_id_a")

    @cached_property
    def right(self) -> Labels:
        """For each edge the place of its second record."""
        return self._places("record_id_b")

    def _places(self, column: str) -> Labels:
        places = pc.index_in(one_array(self.resolution.edges[column]), self.record_ids)
        return np.asarray(places.to_numpy(zero_copy_only=False), dtype=np.int64)

    @cached_property
    def weights(self) -> Floats:
        """Match weight of each edge, in bits."""
        return np.asarray(self.resolution.edges["match_weight"].to_numpy())

    @cached_property
    def probabilities(self) -> Floats:
        """Match probability of each edge."""
        return np.asarray(self.resolution.edges["match_probability"].to_numpy())

    @cached_property
    def accepted(self) -> NDArray[np.bool_]:
        """Whether the two records of each edge are one customer."""
        return np.asarray(self.resolution.edges["accepted"].to_numpy())

    @cached_property
    def customers(self) -> pd.DataFrame:
        """`record_id, customer_id, link_strength`."""
        frame: pd.DataFrame = self.resolution.record_customers.to_pandas()
        return frame

    @cached_property
    def reasons(self) -> dict[str, list[dict[str, Any]]]:
        """What each pattern of edges means: a list of comparison, level in words and weight."""
        table = self.resolution.edge_patterns
        return {
            pattern: json.loads(evidence)
            for pattern, evidence in zip(table["pattern"].to_pylist(), table["evidence"].to_pylist(), strict=True)
        }

    def rows_of(self, record_ids: list[str]) -> dict[str, dict[str, Any]]:
        """Some records, by their ids."""
        wanted = pa.array(sorted(set(record_ids)), pa.string())
        rows = self.records.filter(pc.is_in(self.records["record_id"], wanted)).to_pylist()
        return {row["record_id"]: row for row in rows}

    def shown(self, field: str, value: Any) -> Any:
        """A value as the report may show it."""
        if value is None or self.show_values:
            return value
        if isinstance(value, list):
            return [self.shown(field, one) for one in value]
        return mask(KIND_OF.get(field, "word"), str(value))

    def label(self, record_id: str) -> str:
        """A record's id as the report may show it: a file may use e-mail addresses as ids."""
        return record_id if self.show_values else mask("id", record_id)
