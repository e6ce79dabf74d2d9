"""What the caller of a plan knows of records and customers: the ground of bounds, reasons and blast radius."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Facts:
    """Each table may be missing, and so may each optional column; what is not said breaks no bound.

    `records`: `record_id`, one row per record, those included that the run removes, as far as they are still known.
    Optional: `source` (text) and `is_strong_id` (boolean: the source gives its native id to one person only and checks
    it, a loyalty number for instance), `consent_<channel>` (text: granted, denied, unknown or null) for any channels.

    `customers`: `customer_id`, one row per customer of the last run. Every other column is added up over the former
    customers of a change: numbers and booleans are summed, lists of text united.

    `touched`: `record_id, reason`, any number of rows per record: why the record was looked at again, in the caller's
    words (`records_changed`, `model_changed`).
    """

    records: pa.Table | None = None
    customers: pa.Table | None = None
    touched: pa.Table | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be read as said.

        Raises:
            ValueError: if a column is missing, or a record or customer occurs twice.
        """
        needed = {"records": ["record_id"], "customers": ["customer_id"], "touched": ["record_id", "reason"]}
        for name, columns in needed.items():
            table = getattr(self, name)
            if table is None:
                continue
            missing = sorted(set(columns) - set(table.column_names))
            if missing:
                raise ValueError(f"the facts about {name} have no column {', '.join(missing)}")
            key = table[columns[0]]
            if name != "touched" and pc.count_distinct(key, mode="all").as_py() < len(key):
                raise ValueError(f"the facts about {name} name a {columns[0]} more than once; give one row for each")
