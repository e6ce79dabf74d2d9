"""What the commands share: a connection whose errors are one line, and durations as a person writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Final

import typer

from activation.database import ActivationError, Connection

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_LONGEST: Final = timedelta(days=36_500)


@contextmanager
def connected(open_connection: Callable[[], Connection]) -> Iterator[Connection]:
    """A connection for one command; what goes wrong is said in one line."""
    with closing(open_connection()) as connection:
        try:
            yield connection
        except ActivationError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None


def duration(words: str) -> timedelta:
    """A number and a unit: `30s`, `15m`, `12h`, `90d`, `2w`.

    Raises:
        typer.BadParameter: if it is none.
    """
    parts = re.fullmatch(r"\s*(\d{1,9})\s*([smhdw])\s*", words)
    length = timedelta(seconds=int(parts[1]) * _UNITS[parts[2]]) if parts else None
    if length is None or length > _LONGEST:
        raise typer.BadParameter("write a number and a unit: 30s, 15m, 12h, 90d or 2w")
    return length
