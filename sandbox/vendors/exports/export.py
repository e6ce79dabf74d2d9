"""Files of an export: tables written as CSV, lines of JSON, and a file left alone when nothing in it would change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from sandbox.generator.columns import Text, flat

ISO: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Export:
    """What one system puts into the folder: the lines of the mapping that read it, and its files.

    `files` are paths and contents, to be gone through once: a large export makes one file after the other.
    """

    mapping: str
    files: Iterable[tuple[str, bytes]]


def csv(columns: dict[str, Text]) -> bytes:
    """A table with a header; what is missing is empty."""
    whole = pa.BufferOutputStream()
    pa_csv.write_csv(pa.table(columns), whole)
    return bytes(whole.getvalue().to_pybytes())


def tab_separated(columns: dict[str, Text]) -> bytes:
    """A table with a header, in the manner of reports that know no quotes."""
    told = [flat(pc.fill_null(column, "")) for column in columns.values()]
    clean = [flat(pc.replace_substring_regex(column, "[\\t\\r\\n]+", " ")) for column in told]
    lines = pc.binary_join_element_wise(*clean, "\t")
    return "".join(f"{line}\n" for line in ["\t".join(columns), *lines.to_pylist()]).encode()


def json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """One object a line; what is missing is left out."""
    return b"".join(
        orjson.dumps(
            {name: value for name, value in row.items() if value is not None}, option=orjson.OPT_APPEND_NEWLINE
        )
        for row in rows
    )


def written(column: pa.Array | pa.ChunkedArray, pattern: str = ISO) -> Text:
    """Moments as text, in UTC."""
    # Without a zone, strftime needs no time zone database, which a bare machine may lack.
    seconds = flat(column).cast(pa.timestamp("us")).cast(pa.timestamp("s"), safe=False)
    return flat(pc.strftime(seconds, pattern))


def found(keys: pa.Array | pa.ChunkedArray, table: pa.Table, key: str, *columns: str) -> list[Text]:
    """For each key, the columns of the row that it names; nothing where there is none."""
    position = pc.index_in(flat(keys), value_set=flat(table[key]))
    # A missing key must not meet a row whose key is missing too.
    position = pc.if_else(pc.is_valid(flat(keys)), position, pa.scalar(None, pa.int32()))
    return [flat(pc.take(flat(table[name]), position)) for name in columns]


def native(record_ids: pa.Array | pa.ChunkedArray, kind: str) -> Text:
    """The native ids of the records of that kind; nothing for others."""
    ids, prefix = flat(record_ids), f"{kind}:"
    own = pc.utf8_slice_codeunits(ids, len(prefix))
    return flat(pc.if_else(pc.fill_null(pc.starts_with(ids, prefix), False), own, pa.scalar(None, pa.string())))


def said(column: pa.Array | pa.ChunkedArray, words: dict[str, str]) -> Text:
    """Each word as the vendor writes it; nothing for what is not among them."""
    position = pc.index_in(flat(column), value_set=pa.array(list(words), pa.string()))
    return flat(pc.take(pa.array(list(words.values()), pa.string()), position))


def constant(value: str, size: int) -> Text:
    """The same in every row."""
    return pa.array([value] * size, pa.string())


def put(path: Path, content: bytes) -> None:
    """Write the file, whole, unless it says so already."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)
