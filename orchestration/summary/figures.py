"""How the summary reads the warehouse and writes numbers: rows, tables, shares, durations. No query lives here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

NOTHING: Final = "–"
"""What stands where there is no number, so that it is not read as a zero."""

_MINUTES_PER_HOUR: Final = 60
_MINUTES_PER_DAY: Final = 24 * _MINUTES_PER_HOUR
_HOURS_IN_WORDS: Final = 48
"""From two days on a duration is told in days."""


@dataclass(frozen=True)
class Block:
    """One part of the summary."""

    title: str
    parts: tuple[RenderableType, ...]


class Facts:
    """The warehouse as the summary sees it: one snapshot, read only."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Read by this connection, whose transaction is a snapshot."""
        self._connection = connection

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query.

        Raises:
            psycopg.errors.UndefinedTable: if a table is not built yet.
            psycopg.errors.UndefinedColumn: if a table is of an older release.
        """
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(sql.SQL(query)).fetchall()

    def row(self, query: str) -> dict[str, Any]:
        """The one row of a query that always gives one."""
        (row,) = self.rows(query)
        return row


def count(number: float | None) -> str:
    """A count with its thousands apart."""
    return NOTHING if number is None else f"{number:,.0f}"


def share(part: Any) -> str:
    """A share of 0 to 1 in percent: whole ones, but for what is small and not nothing."""
    if part is None:
        return NOTHING
    percent = 100 * float(part)
    return f"{percent:.1f} %" if 0 < percent < 1 else f"{percent:.0f} %"


def duration(minutes: Any) -> str:
    """Minutes as a person says them: `35 min`, `4.2 h`, `3.1 d`."""
    if minutes is None:
        return NOTHING
    value = float(minutes)
    if value < _MINUTES_PER_HOUR:
        return f"{value:.0f} min"
    if value < _HOURS_IN_WORDS * _MINUTES_PER_HOUR:
        return f"{value / _MINUTES_PER_HOUR:.1f} h"
    return f"{value / _MINUTES_PER_DAY:.1f} d"


def words(name: str | None) -> str:
    """A name of the warehouse as words."""
    return NOTHING if name is None else name.replace("_", " ")


@dataclass(frozen=True)
class Column:
    """A column of a table: numbers stand right, words left; `shrinks` gives way on a narrow terminal."""

    name: str
    of: Literal["words", "numbers"] = "numbers"
    shrinks: bool = False


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Table:
    """A table without lines, as wide as what is in it."""
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        # What may shrink is cut off cell by cell (see below), so that no row becomes two lines; nothing else gives way.
        drawn.add_column(column.name, justify="right" if column.of == "numbers" else "left", no_wrap=not column.shrinks)
    for row in rows:
        drawn.add_row(*(Text(cell, no_wrap=True, overflow="ellipsis") for cell in row))
    return drawn


def numbers(*names: str) -> list[Column]:
    """Columns of numbers."""
    return [Column(name) for name in names]


def sentence(text: str) -> Text:
    """Words with `**bold**` figures in them."""
    written = Text()
    for position, part in enumerate(text.split("**")):
        written.append(part, style="bold" if position % 2 else "")
    return written
