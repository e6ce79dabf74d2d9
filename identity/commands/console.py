"""What a run of `dedupe` says on the terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from identity.commands.people import Input, People
from identity.evaluation import Quality
from identity.pipeline import Resolution

_FIGURES = ("records", "customers", "largest_customer", "records_alone", "pairs_compared", "edges_kept")


def say_recognised(console: Console, people: People) -> None:
    """Per input: its columns, what each was taken for and why, and what was assumed."""
    for one in people.inputs:
        console.print(_columns(one))
        for notice in one.notices:
            console.print(f"[yellow]note[/yellow] {escape(notice)}", highlight=False)


def _columns(one: Input) -> Table:
    title = f"Columns of {escape(one.name)}, {one.read.table.num_rows:,} rows"
    table = Table("column", "read as", "because", "filled", title=title, title_justify="left")
    for column in one.recognised.columns:
        filled = f"{column.filled / one.read.table.num_rows:.0%}" if column.field else ""
        field = column.field.replace("_", " ") if column.field else "[dim]not used[/dim]"
        table.add_row(escape(column.name), field, escape(column.why), filled)
    return table


def say_result(console: Console, resolution: Resolution, seconds: float, written: list[Path]) -> None:
    """The figures of the run, and where it left its files."""
    figures = Table("figure", "value", title="Result", title_justify="left")
    for name in _FIGURES:
        if name in resolution.summary:
            figures.add_row(name.replace("_", " "), f"{resolution.summary[name]:,}")
    figures.add_row("compared by", str(resolution.summary["comparisons"]).replace("_", " ") or "nothing")
    figures.add_row("seconds", f"{seconds:.1f}")
    console.print(figures)
    for path in written:
        console.print(f"Written to {escape(str(path))}", highlight=False)


def say_quality(console: Console, quality: Quality) -> None:
    """How right the run was, where the truth is known."""
    table = Table("", "precision", "recall", "F1", title="Against the truth column", title_justify="left")
    table.add_row("pairs", *(f"{value:.4f}" for value in (quality.precision, quality.recall, quality.f1)))
    bcubed = (quality.bcubed_precision, quality.bcubed_recall, quality.bcubed_f1)
    table.add_row("B-cubed", *(f"{value:.4f}" for value in bcubed))
    console.print(table)
