"""Long texts made of many short ones, for a whole column at once."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.ledger import Ints


def packed(pieces: list[pa.Array | str], rows: Ints, count: int) -> pa.StringArray:
    """One text per row: the pieces, joined element by element, of all elements of the row in their order.

    Args:
        pieces: columns of one length (or constants), joined in this order.
        rows: the row of each element; sorted.
        count: how many rows there are; one without elements is empty.
    """
    size = len(rows)
    columns = [pa.repeat(piece, size) if isinstance(piece, str) else piece for piece in pieces]
    elements = (
        pc.binary_join_element_wise(*columns, "").cast(pa.large_string()) if size else pa.array([], "large_string")
    )
    starts = np.searchsorted(rows, np.arange(count + 1))
    if elements.offset:
        elements = pa.concat_arrays([elements])
    _, offsets, text = elements.buffers()
    ends = (
        np.frombuffer(offsets, dtype=np.int64, count=size + 1)
        if offsets is not None and size
        else np.zeros(1, np.int64)
    )
    joined = pa.LargeStringArray.from_buffers(count, pa.py_buffer(ends[starts].tobytes()), text or pa.py_buffer(b""))
    return joined.cast(pa.string())


def listed(values: pa.Array, rows: Ints, count: int) -> pa.ListArray:
    """One list per row; `rows` is the row of each value, sorted."""
    offsets = np.searchsorted(rows, np.arange(count + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def quoted(texts: pa.StringArray) -> pa.StringArray:
    """Each text as a JSON string."""
    special = np.flatnonzero(pc.match_substring_regex(texts, r'["\\\x00-\x1f]').to_numpy(zero_copy_only=False))
    if not len(special):
        return pc.binary_join_element_wise('"', texts, '"', "")
    written = texts.to_pylist()
    for place in special:
        written[place] = json.dumps(written[place], ensure_ascii=False)[1:-1]
    return pc.binary_join_element_wise('"', pa.array(written, pa.string()), '"', "")
