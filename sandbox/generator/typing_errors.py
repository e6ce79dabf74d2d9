"""Slips of the finger: one letter inserted, deleted, substituted, or swapped with its neighbour."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import Text, holds
from sandbox.generator.draw import Flags

_LETTERS = np.array([ord(c) for c in "etaoinshrdlucmfwygpbvk"], dtype=np.uint32)


def mistype(rng: np.random.Generator, column: Text, rows: Flags) -> Text:
    """The column with one slip in each of those rows that has three characters or more."""
    at = np.flatnonzero(rows & holds(pc.greater(pc.utf8_length(column), 2)))
    if not len(at):
        return column
    slipped = _slip(rng, column.take(pa.array(at)))
    mask = np.zeros(len(column), dtype=bool)
    mask[at] = True
    return pc.replace_with_mask(column, pa.array(mask), slipped)


def _slip(rng: np.random.Generator, texts: Text) -> Text:
    words = texts.to_numpy(zero_copy_only=False).astype(np.str_)
    width = words.dtype.itemsize // 4
    letters = np.zeros((len(words), width + 2), dtype=np.uint32)
    letters[:, :width] = np.ascontiguousarray(words).view(np.uint32).reshape(len(words), width)
    length = np.asarray(np.strings.str_len(words))
    kind = rng.integers(0, 4, len(words))[:, None]  # insert, delete, substitute, transpose
    position = (1 + (length - 2) * rng.random(len(words))).astype(np.int64)[:, None]
    column = np.arange(width + 1)[None, :]
    source = column - ((kind == 0) & (column > position)) + ((kind == 1) & (column >= position))
    source = np.where((kind == 3) & (column == position), position + 1, source)
    source = np.where((kind == 3) & (column == position + 1), position, source)
    result = np.take_along_axis(letters, source, axis=1)
    drawn = _LETTERS[rng.integers(0, len(_LETTERS), len(words))][:, None]
    result = np.where(((kind == 0) | (kind == 2)) & (column == position), drawn, result)
    return pa.array(np.ascontiguousarray(result).view(f"<U{width + 1}").ravel(), pa.string())
