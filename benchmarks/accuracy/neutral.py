"""What of a labelled table a contender may see: no name, no truth, and no id or order of rows that tells the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.accuracy.protocol import ID

TRUTH = "cluster"
_SEED = 20_240_229


class NotLabelled(ValueError):
    """The table lacks the id or the truth."""


@dataclass(frozen=True)
class LabelledSet:
    """`people`: shuffled, with ids that are row numbers, without `cluster`. `truth`: `record_id, person_id`."""

    name: str
    people: pa.Table
    truth: pa.Table


def read_labelled(path: Path) -> LabelledSet:
    """Read one Parquet file with `unique_id` and `cluster`.

    Ids such as `rec-12-dup-3`, rows in the order of their people, and metadata of the file would each give truth away.

    Raises:
        NotLabelled: if either column is missing, the truth has gaps, or there are no rows.
    """
    table = pq.read_table(path)
    for column in (ID, TRUTH):
        if column not in table.column_names:
            raise NotLabelled(f"{path.name} has no column {column!r}; its columns are {', '.join(table.column_names)}")
    if not table.num_rows:
        raise NotLabelled(f"{path.name} has no rows")
    if table[TRUTH].null_count:
        raise NotLabelled(f"{path.name} does not say who {table[TRUTH].null_count} of its records are")
    table = table.take(np.random.default_rng(_SEED).permutation(table.num_rows))
    ids = pa.array(np.arange(table.num_rows)).cast(pa.string())
    truth = pa.table({"record_id": ids, "person_id": table[TRUTH].cast(pa.string())})
    people = table.set_column(table.column_names.index(ID), ID, ids).drop_columns([TRUTH])
    return LabelledSet(path.stem, people.replace_schema_metadata(None), truth)
