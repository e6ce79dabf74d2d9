"""A place where personal data is: how a person's rows are found there, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Treatment(StrEnum):
    """What erasure does to a person's rows in a table."""

    DELETE = "deleted"
    MINIMISE = "minimised"
    RECOMPUTE = "recomputed"
    KEEP = "kept"


@dataclass(frozen=True)
class PersonalTable:
    """One table with personal data.

    Conditions are SQL about `t`, the table, with the parameters of `subject.parameters`: `customers`, `records`,
    `natives` (the records' ids in their source), `contacts` (`kind:match_key` of what nobody else has), and of
    `raw_rows`: `row_keys` (`source/stream/record_key`), `interactions`, `orders`, `named` (records of nobody that their
    rows name); all text[].

    Attributes:
        schema: of the table.
        name: of the table.
        rows: which rows are the person's.
        treatment: what erasure does to them.
        reason: why, where it is not that they are deleted.
        rows_of_records: which rows go when only some records of a customer are erased; those of `rows` when not said.
        assignments: of MINIMISE, the SQL after `set`.
        statement: of MINIMISE, instead: a query that does it and gives the number of rows touched.
        rows_to_show: which rows an export shows, where some of `rows` are about somebody else as well.
        shown: whether an export shows the rows; working state that repeats other tables is not.
    """

    schema: str
    name: str
    rows: str
    treatment: Treatment = Treatment.DELETE
    reason: str | None = None
    rows_of_records: str | None = None
    assignments: str | None = None
    statement: str | None = None
    rows_to_show: str | None = None
    shown: bool = True

    @property
    def place(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"

    def condition(self, *, whole: bool) -> str:
        """Which rows are meant, of a whole customer or of some records."""
        return self.rows if whole or self.rows_of_records is None else self.rows_of_records


OF_CUSTOMER: Final = "t.customer_id = any(%(customers)s)"
OF_RECORD: Final = "t.record_id = any(%(records)s)"
OF_EITHER: Final = f"({OF_CUSTOMER} or {OF_RECORD})"
NONE: Final = "false"


def deleted(
    schema: str, rows: str, names: str, *, records: str | None = None, shown: bool = True
) -> tuple[PersonalTable, ...]:
    """Tables, named in one text, whose rows are found alike and deleted."""
    return tuple(PersonalTable(schema, name, rows, rows_of_records=records, shown=shown) for name in names.split())
