"""Columns of text and time on Arrow, a whole column at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.draw import Flags, Ints

Text: TypeAlias = pa.Array
TIME = pa.timestamp("us", tz="UTC")
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def pool(values: Sequence[str | None]) -> Text:
    """A small list of texts to take from."""
    return pa.array(values, pa.string())


def take(texts: Text | Sequence[str], positions: Ints) -> Text:
    """The texts at those positions."""
    source = texts if isinstance(texts, pa.Array) else pool(list(texts))
    return flat(pc.take(source, pa.array(positions)))


def flat(column: pa.Array | pa.ChunkedArray) -> Text:
    """One array of what may be chunks."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def join(*parts: Text | str, separator: str = "") -> Text:
    """Put the parts of each row together; a missing part makes the whole row missing."""
    return flat(pc.binary_join_element_wise(*parts, separator))


def join_present(first: Text, second: Text) -> Text:
    """Put two parts together with a space, or the one that is there; a row with neither is missing."""
    # The kernel's own null_handling="skip" loses the rows in which every part is missing.
    together = pc.binary_join_element_wise(first, second, " ")
    return flat(pc.coalesce(together, first, second))


def where(mask: Flags, yes: Text | str, no: Text | str) -> Text:
    """`yes` where the mask holds, else `no`."""
    return flat(pc.if_else(pa.array(mask), yes, no))


def blank(mask: Flags, column: Text) -> Text:
    """The column without the rows of the mask."""
    return flat(pc.if_else(pa.array(mask), pa.scalar(None, column.type), column))


def choose(which: Ints, *options: Text | str) -> Text:
    """Per row, the option of that number."""
    return flat(pc.choose(pa.array(which), *options))


def number(values: Ints, width: int = 0) -> Text:
    """Whole numbers as text, padded with zeros to `width`."""
    text = pc.cast(pa.array(values), pa.string())
    return flat(pc.utf8_lpad(text, width, "0") if width else text)


def lower(column: Text) -> Text:
    """In lower case."""
    return flat(pc.utf8_lower(column))


def piece(column: Text, start: int, stop: int | None = None) -> Text:
    """A slice of each text, by characters."""
    return flat(pc.utf8_slice_codeunits(column, start, stop))


def holds(condition: pa.Array) -> Flags:
    """Where a condition holds; where it is unknown, it does not."""
    return np.asarray(pc.fill_null(condition, False).to_numpy(zero_copy_only=False), dtype=bool)


def missing(column: Text) -> Flags:
    """Where the column has nothing."""
    return np.asarray(pc.is_null(column).to_numpy(zero_copy_only=False), dtype=bool)


def nothing(size: int, kind: pa.DataType | None = None) -> Text:
    """A column with nothing in it."""
    return pa.nulls(size, kind or pa.string())


def times(microseconds: Ints, absent: Flags | None = None) -> pa.Array:
    """Moments from microseconds since 1970 (UTC); rows of `absent` are missing."""
    whole_seconds = microseconds // SECOND * SECOND
    return pa.array(whole_seconds, mask=absent, type=pa.int64()).cast(TIME)


def dates(days: Ints, absent: Flags | None = None) -> pa.Array:
    """Dates from days since 1970; rows of `absent` are missing."""
    return pa.array(days.astype(np.int32), mask=absent, type=pa.int32()).cast(pa.date32())


def money(cents: Ints) -> pa.Array:
    """Amounts with two decimals from cents."""
    return pa.array(cents / 100.0, pa.float64())


def codes(column: Text) -> npt.NDArray[np.int64]:
    """A number per distinct text (missing: -1)."""
    encoded = pc.dictionary_encode(column)
    return np.asarray(pc.fill_null(flat(encoded).indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def occurrence(keys: Ints) -> Ints:
    """For each row, how many earlier rows have the same key."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    ranks = np.arange(len(keys)) - np.repeat(starts, sizes)
    out = np.empty(len(keys), dtype=np.int64)
    out[order] = ranks
    return out


def distinct(column: Text, form: Callable[[Text], Text] | None = None) -> Text:
    """Make every text of the column different by adding a number to the repeated ones.

    Args:
        column: what to make different.
        form: gives the form in which two count as the same; the text itself when not given.
    """
    result = column
    for spread in (1, 7, 97, 1009, 10007, 100003, 1000003):
        rank = occurrence(codes(form(result) if form else result))
        if not rank.any():
            return result
        result = where(rank > 0, join(result, number(rank * spread)), result)
    raise ValueError(f"could not make {len(column)} texts different; widen the pools they are drawn from")
