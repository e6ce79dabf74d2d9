"""Where to look further: the commands that answer the next question."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from orchestration.summary.figures import Block

_COMMANDS = (
    ("braid segments list", "size, change, reach per channel"),
    ("braid segments why CUSTOMER SEGMENT", "why in, why not"),
    ("braid segments history SEGMENT", "who entered and left, and why"),
    ("braid segments backtest SEGMENT --on DAY", "who would have been in it"),
    ("braid audiences traits", "what a rule of yours can say"),
    ("braid audiences preview FILE", "size, reach, a sample of a rule"),
    ("braid personas list", "what each kind is like"),
    ("braid identity who --email ADDRESS", "which customer is this?"),
    ("braid identity explain CUSTOMER", "why these records are one person"),
    ("braid serve", "Dagster's UI and the profile API"),
)


def further() -> Block:
    """The commands, one a line."""
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True, style="bold")
    lines.add_column()
    for command, answers in _COMMANDS:
        lines.add_row(Text(command), Text(answers))
    return Block("To look further", (lines,))
