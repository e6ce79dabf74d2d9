"""What an explanation is made from: the records in question, what the last run said of them, and the frozen model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from identity.artifact import FrozenModel
from identity.contract import IDENTITY_RECORDS
from identity.model import Model
from identity.why.minimum_cut import Pair


@dataclass(frozen=True)
class Case:
    """Everything known about a few records; each table holds rows about them alone.

    Attributes:
        records: per `contract.IDENTITY_RECORDS`.
        customers: per `contract.RECORD_CUSTOMERS`; also of other records that `edges` name.
        edges: at least `record_id_a, record_id_b, match_weight, match_probability`.
        frozen: what the last run decided by.
        compare: weighs pairs (`record_id_a, record_id_b`) of `records`; returns them with `match_weight`,
            `match_probability` and `evidence`.
        judgements: per `contract.JUDGEMENTS`.
        shared: identifiers that were demoted: `kind`, `value` (as it is compared), and the evidence.
        carriers: `kind, value, records`: how many records in all carry an identifier.
    """

    records: pa.Table
    customers: pa.Table
    edges: pa.Table
    frozen: FrozenModel
    compare: Callable[[pa.Table], pa.Table]
    judgements: pa.Table | None = None
    shared: pa.Table | None = None
    carriers: pa.Table | None = None

    @property
    def model(self) -> Model:
        """The weights of the levels."""
        return self.frozen.model

    @cached_property
    def largest_blocks(self) -> dict[str, int]:
        """The blocking rules in use, each with how many records may share a key."""
        return {counted.rule.name: counted.largest_block for counted in self.frozen.rules}

    @cached_property
    def customer_of(self) -> dict[str, str]:
        """The customer of each record."""
        ids = (self.customers[name].to_pylist() for name in ("record_id", "customer_id"))
        return dict(zip(*ids, strict=True))

    @cached_property
    def source_of(self) -> dict[str, str]:
        """The source of each record."""
        return dict(zip(*(self.records[name].to_pylist() for name in ("record_id", "source")), strict=True))

    @cached_property
    def stored(self) -> dict[Pair, float]:
        """The match weight of each pair that the last run kept."""
        ends = (self.edges[name].to_pylist() for name in ("record_id_a", "record_id_b"))
        return dict(zip(zip(*ends, strict=True), self.edges["match_weight"].to_pylist(), strict=True))

    def records_of(self, customer_id: str) -> list[str]:
        """The record ids of a customer, sorted."""
        return sorted(record for record, customer in self.customer_of.items() if customer == customer_id)

    def row(self, record_id: str) -> pa.Table:
        """One record as a table of one row.

        Raises:
            KeyError: if the case does not hold it.
        """
        found = self.records.filter(pc.equal(self.records["record_id"], record_id))
        if not found.num_rows:
            raise KeyError(f"no record {record_id} among those read; check the id in identity.identity_records")
        return found


def pair_of(a: str, b: str) -> Pair:
    """Two record ids, the smaller first."""
    return (a, b) if a < b else (b, a)


def pair_table(pairs: list[Pair]) -> pa.Table:
    """Pairs as the columns `record_id_a, record_id_b`."""
    kind = IDENTITY_RECORDS.field("record_id").type
    columns = list(zip(*pairs, strict=True)) if pairs else [(), ()]
    return pa.table({f"record_id_{end}": pa.array(column, kind) for end, column in zip("ab", columns, strict=True)})
