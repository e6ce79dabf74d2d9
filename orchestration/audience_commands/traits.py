"""`braid audiences traits`: the words that a rule may use."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from activation.audiences.vocabulary import OPERATORS
from orchestration.audience_commands.declared import PROJECT, ProjectOption, vocabulary_of
from orchestration.terminal import console


def register(app: typer.Typer) -> None:
    """Add `traits` to `braid audiences`."""
    app.command()(traits)


def traits(
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False, project: ProjectOption = PROJECT
) -> None:
    """Show every trait with its type and what it means, every kind of event, every segment and destination."""
    words = vocabulary_of(project)
    if as_json:
        listed = [
            {"trait": name, "type": column.kind, "description": column.description, "operators": OPERATORS[column.kind]}
            for name, column in words.traits.items()
        ]
        typer.echo(json.dumps(listed, indent=2))
        return
    table = Table("trait", "type", "what it is", box=None, pad_edge=False)
    for name, column in words.traits.items():
        table.add_row(name, column.kind, column.description)
    console.print(table)
    console.print("\nWhat can be asked of a type", style="bold")
    for kind, operators in OPERATORS.items():
        console.print(f"  {kind}: {', '.join(operators)}", highlight=False)
    for title, listed_words in (
        ("Events", words.events),
        ("Segments", words.segments),
        ("Destinations", words.destinations),
    ):
        console.print(f"\n{title}", style="bold")
        console.print(f"  {', '.join(sorted(listed_words))}", highlight=False)
