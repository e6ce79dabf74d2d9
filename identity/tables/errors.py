"""What is wrong with a file, in words that name the place and never show a value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa


class UnreadableTable(ValueError):
    """A file is no table: which file, where in it, and what to do."""


@dataclass(frozen=True)
class ReadTable:
    """`table` as the file holds it (CSV: every column text); `notices` say what was assumed to read it."""

    path: Path
    table: pa.Table
    notices: tuple[str, ...] = ()
