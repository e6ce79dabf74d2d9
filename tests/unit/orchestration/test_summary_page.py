"""The page of the summary: what fails in one room stays there, and it fits the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import pytest
from psycopg import errors
from rich.console import Console
from rich.text import Text

from orchestration.summary import golden, identity, journeys, metrics, page, segments, service, sources, timeline
from orchestration.summary.commands import further
from orchestration.summary.figures import Block, Facts


class Silent(Facts):
    """A warehouse in which every table is there, and empty: totals are one row of zeros and nulls."""

    def __init__(self) -> None:
        """No connection."""

    def rows(self, query: str) -> list[dict[str, Any]]:
        """No row."""
        return []

    def row(self, query: str) -> dict[str, Any]:
        """Nothing was counted."""
        return cast(dict[str, Any], _Nothing())


class _Nothing(dict[str, Any]):
    def __missing__(self, key: str) -> int | None:
        return None if key in {"revenue", "value", "predicted", "currency", "most_channels", "handovers"} else 0


class Savepoints:
    """A connection that only knows savepoints."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One of them."""
        yield


ROOMS = [*page.READ, ("Identity", identity.who_is_who), *page.KNOWN]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room[0])
def test_an_empty_room_is_told_in_a_sentence(room: page.Room) -> None:
    _, show = room
    for block in show(Silent()):
        assert all(isinstance(part, Text) and part.plain.endswith(".") for part in block.parts)


def _shown(*rooms: page.Room) -> list[Block]:
    connection = cast("psycopg.Connection[Any]", Savepoints())
    return page._blocks(connection, Silent(), rooms)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.UndefinedTable, "Not built yet"),
        (errors.InvalidSchemaName, "Not built yet"),
        (errors.UndefinedColumn, "older release"),
    ],
)
def test_a_room_that_is_not_built_does_not_take_the_others_with_it(error: type[Exception], words: str) -> None:
    def missing(facts: Facts) -> list[Block]:
        raise error

    def there(facts: Facts) -> list[Block]:
        return [Block("Golden", (Text("2,728 customers"),))]

    first, second = _shown(("Segments", missing), ("Golden", there))
    assert first.title == "Segments"
    assert words in str(first.parts[0])
    assert second.title == "Golden"


def test_another_error_is_not_hidden() -> None:
    def broken(facts: Facts) -> list[Block]:
        raise errors.DivisionByZero

    with pytest.raises(errors.DivisionByZero):
        _shown(("Segments", broken))


@pytest.mark.parametrize("width", [80, 120, page._WIDE, 220])
def test_the_page_fits_the_terminal_and_shows_every_block_once(width: int) -> None:
    console = Console(width=width, force_terminal=True, no_color=True, color_system=None)
    blocks = [Block(f"Block {number}", (Text("x" * 70),) * (1 + number % 5)) for number in range(12)]
    with console.capture() as captured:
        page._print(console, [page._drawn(block) for block in [*blocks, further()]])
    lines = captured.get().splitlines()
    assert max(len(line) for line in lines) <= width
    titles = [word for line in lines for word in line.split("  ") if word.strip().startswith("Block ")]
    assert sorted(title.strip() for title in titles) == sorted(block.title for block in blocks)
    side_by_side = any(line.count("Block ") == 2 for line in lines)
    assert len(lines) < (90 if width < page._WIDE else 45)
    assert width >= page._WIDE or not side_by_side


def test_the_rooms_are_those_of_the_project() -> None:
    shown = {show.__module__.rpartition(".")[2] for _, show in ROOMS}
    modules = (golden, identity, journeys, metrics, segments, service, sources, timeline)
    assert shown == {module.__name__.rpartition(".")[2] for module in modules}
