"""What has happened already when the systems that export files draw their share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import Text
from sandbox.generator.contact_points import ContactPoints
from sandbox.generator.draw import Ints
from sandbox.generator.people import People
from sandbox.generator.products import Catalogue
from sandbox.generator.record_frame import Records
from sandbox.generator.shopping import Orders, Tastes
from sandbox.generator.touch.everyone import Everyone
from sandbox.generator.voices import Voices

Table = dict[str, Any]


@dataclass(frozen=True)
class Past:
    """The retailer's people, records and events so far; `tables` are the world's, by name; `now` in microseconds."""

    everyone: Everyone
    people: People
    contacts: ContactPoints
    records: Records
    tastes: Tastes
    catalogue: Catalogue
    orders: Orders
    voices: Voices
    tables: dict[str, Table]
    now: int

    def times(self, table: str, column: str) -> Ints:
        """Moments of a table in microseconds, 0 where there is none."""
        return whole(self.tables[table][column])

    def rows(self, table: str) -> Ints:
        """The row among the records that each row of a table is about."""
        return positions(self.tables[table]["record_id"], self.records.record_id)

    def records_of(self, *kinds: int) -> Ints:
        """Each person's record of those kinds, the first kind preferred; -1 without one."""
        found = np.full(self.people.count, -1, dtype=np.int64)
        for kind in reversed(kinds):
            rows = self.records.of_kind(kind)
            found[self.records.person[rows]] = rows
        return found


def whole(column: pa.Array) -> Ints:
    """Moments or whole numbers as numbers; 0 where there is none."""
    return np.asarray(pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), dtype=np.int64)


def positions(values: Text, among: Text) -> Ints:
    """Where each value is found; -1 where it is not."""
    found = pc.index_in(values, value_set=among)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
