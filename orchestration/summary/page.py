"""The page of the summary: every block in its order, laid out for the terminal that is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import errors
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestration.settings import Settings
from orchestration.summary import golden, identity, journeys, metrics, segments, service, sources, timeline
from orchestration.summary.commands import further
from orchestration.summary.figures import Block, Facts, sentence
from orchestration.warehouse import Warehouse

_WIDE: Final = 170
"""From this many columns on, two blocks stand side by side; each keeps what fits into 80 or so."""
_GAP: Final = 4

Room = tuple[str, Callable[[Facts], list[Block]]]
"""What a part is called when it cannot be shown, and what shows it."""

READ: Final[Sequence[Room]] = (("Sources", sources.sources), ("Systems that came as files", sources.file_systems))
KNOWN: Final[Sequence[Room]] = (
    ("Golden profiles", golden.customers),
    ("Contact points", golden.contact_points),
    ("Consent of customers", golden.consents),
    ("Timeline", timeline.touchpoints),
    ("Conversations", timeline.conversations),
    ("Customer metrics", metrics.metrics),
    ("Service", service.service),
    ("Journeys", journeys.stages),
    ("Paths to a first order", journeys.paths),
    ("From channel to channel", journeys.steps),
    ("Segments", segments.segments),
    ("Personas", segments.personas),
    ("Destinations", segments.deliveries),
)


def print_summary(settings: Settings, console: Console, *, truth: Path | None = None) -> None:
    """Print what the last run left, from sources to destinations, and the commands that tell more.

    Args:
        settings: where the warehouse is.
        console: where to print.
        truth: Parquet of `record_id, person_id` that the pipeline never saw.

    Raises:
        WarehouseError: if the warehouse cannot be reached.
    """
    warehouse = Warehouse.open(settings)
    if not warehouse.has_table("golden", "customers"):
        console.print("Nothing has been built yet: run [bold]braid run[/] or [bold]make demo[/].")
        return
    # They open connections of their own, which may have to wait for the locks of a snapshot: so they come before it.
    asked_apart = [*identity.waiting(warehouse), *identity.accuracy(warehouse, settings, truth)]
    with warehouse.connect() as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        facts = Facts(connection)
        blocks = [
            *_blocks(connection, facts, READ),
            *_blocks(connection, facts, [("Identity", identity.who_is_who)]),
            *asked_apart,
            *_blocks(connection, facts, KNOWN),
        ]
    _print(console, [_drawn(block) for block in blocks])
    console.print(_drawn(further()))


def _blocks(connection: psycopg.Connection[Any], facts: Facts, rooms: Sequence[Room]) -> list[Block]:
    """The blocks of some rooms; one whose tables are not there (yet, or not in this shape) says so in a sentence."""
    blocks: list[Block] = []
    for title, show in rooms:
        try:
            with connection.transaction():  # a savepoint: what fails here leaves the other rooms readable
                blocks += show(facts)
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            blocks.append(Block(title, (sentence("Not built yet: the next `braid run` does."),)))
        except errors.UndefinedColumn:
            blocks.append(Block(title, (sentence("Built by an older release: the next `braid run` builds it anew."),)))
    return blocks


def _drawn(block: Block) -> RenderableType:
    return Group(Text(block.title, style="bold"), *block.parts, "")


def _print(console: Console, blocks: Sequence[RenderableType]) -> None:
    """One below the other; on a wide terminal in two columns of about the same height."""
    console.print()
    if console.width < _WIDE or not console.is_terminal:
        for block in blocks:
            console.print(block, soft_wrap=False, highlight=False)
        return
    width = (console.width - _GAP) // 2
    options = console.options.update(width=width, height=None)
    heights = [len(console.render_lines(block, options)) for block in blocks]
    left = next(n for n in range(len(blocks) + 1) if sum(heights[:n]) >= sum(heights) / 2)
    page = Table.grid(padding=0)
    page.add_column(width=width)
    page.add_column(width=width + _GAP)
    page.add_row(Group(*blocks[:left]), Padding(Group(*blocks[left:]), (0, 0, 0, _GAP)))
    console.print(page, soft_wrap=False, highlight=False)
