"""The raw shape: a vendor's object, whole, with its key and its cursor beside it (docs/architecture.md, section 1)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dlt
from dlt.extract import DltResource

Row = dict[str, Any]
Pick = Callable[[dict[str, Any]], object]

SETTLING: Final = timedelta(minutes=5)
"""A cursor stays this far behind the clock: a vendor may still be writing what it dates in the last minutes."""

_SECOND: Final = len("2026-01-01T00:00:00")
_UTC_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:?00)")

RAW_TABLE: Final[dict[str, Any]] = {
    # The latest version within a load wins; `upsert` would fail on a key that comes twice.
    "write_disposition": {"disposition": "merge", "strategy": "delete-insert"},
    "primary_key": "record_key",
    "max_table_nesting": 0,
    "columns": {
        "record_key": {"data_type": "text", "nullable": False},
        "native_id": {"data_type": "text", "nullable": True},
        "cursor_value": {"data_type": "text", "nullable": True, "dedup_sort": "desc"},
        "payload": {"data_type": "json", "nullable": False},
        "ingest_error": {"data_type": "text", "nullable": True},
    },
}
"""dlt's hints for every raw table."""


def raw_rows(objects: Iterable[Any], *, native_id: Pick, cursor: Pick) -> list[Row]:
    """Give each vendor object of a page the raw shape.

    Args:
        objects: as the vendor sent them; one that is no JSON object becomes an unreadable row.
        native_id: picks the vendor's id.
        cursor: picks the moment that the incremental filter works on.

    Returns:
        Rows of `record_key, native_id, cursor_value, payload, ingest_error`.
    """
    return [_raw_row(thing, native_id, cursor) for thing in objects]


def _raw_row(thing: Any, native_id: Pick, cursor: Pick) -> Row:
    if not isinstance(thing, dict):
        return _unreadable({"value": thing}, "not a JSON object")
    found = native_id(thing)
    key = str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""
    row = (
        {"record_key": key, "native_id": key, "payload": thing, "ingest_error": None}
        if key
        else _unreadable(thing, "no id" if found in (None, "") else "the id is neither text nor a whole number")
    )
    row["cursor_value"] = moment(cursor(thing))
    return row


def _unreadable(payload: dict[str, Any], reason: str) -> Row:
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    return {
        "record_key": f"missing:{digest}",
        "native_id": None,
        "cursor_value": None,
        "payload": payload,
        "ingest_error": reason,
    }


def moment(value: object) -> str | None:
    """A UTC timestamp as sent, None for anything else: a cursor that cannot be ordered must not steer the next run."""
    return value if isinstance(value, str) and _UTC_MOMENT.fullmatch(value) else None


def settled(now: datetime | None = None) -> Callable[[Iterable[str]], str]:
    """How far a cursor may move: to the latest value seen, to the second, but never past `SETTLING` before `now`.

    To the second, because vendors drop a zero fraction and then text order is not time order. Never past that moment,
    because records that are written while we read, or dated in the future by mistake, would otherwise move the cursor
    over records that we have not seen.
    """
    ceiling = ((now or datetime.now(UTC)) - SETTLING).isoformat()[:_SECOND]

    def latest_settled(values: Iterable[str]) -> str:
        return min(max(value[:_SECOND].replace(" ", "T") for value in values), ceiling)

    return latest_settled


def stream(name: str, fetch: Callable[[str | None], Iterator[Any]]) -> DltResource:
    """A resource whose pages are fetched from the last cursor on.

    Rows of the very second of that cursor are asked for again; those that came already, with the same content, are
    dropped by dlt.

    Args:
        name: of the resource.
        fetch: called with the last cursor (`YYYY-MM-DDThh:mm:ss`, UTC; None at first), yields pages of raw rows.
    """

    cursor: dlt.sources.incremental[str] = dlt.sources.incremental(
        "cursor_value",
        last_value_func=settled(),
        primary_key=("record_key", "payload"),
        on_cursor_value_missing="include",
    )

    def pages(since: dlt.sources.incremental[str] = cursor) -> Iterator[Any]:
        yield from fetch(since.start_value)

    return dlt.resource(pages, name=name, **RAW_TABLE)


def token_stream(name: str, fetch: Callable[[], Iterator[Any]]) -> DltResource:
    """A resource that keeps the vendor's own cursor in dlt's resource state, and so decides itself what is new."""

    def pages() -> Iterator[Any]:
        yield from fetch()

    return dlt.resource(pages, name=name, **RAW_TABLE)


def behind(rows: list[Row], since: str | None) -> bool:
    """Whether a listing that comes newest first has passed the cursor: nothing after this page is new."""
    moments = [row["cursor_value"][:_SECOND] for row in rows if row["cursor_value"]]
    return since is not None and bool(moments) and min(moments) < since


def into(table: str, rows: list[Row]) -> Any:
    """Send rows that came along with another stream's page to their own table."""
    hints = {name: hint for name, hint in RAW_TABLE.items() if name != "max_table_nesting"}
    return dlt.mark.with_hints(rows, dlt.mark.make_hints(table_name=table, **hints), create_table_variant=True)
