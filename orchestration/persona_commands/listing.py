"""`braid personas list`: the cards of the personas."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse


def register(app: typer.Typer) -> None:
    """Add `list` to `braid personas`."""
    app.command("list")(list_personas)


def list_personas(as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False) -> None:
    """Show each persona with its share, its value and what it is like."""
    with warehouse_errors():
        warehouse = Warehouse.open(load_settings())
        if not warehouse.has_table("segments", "persona_cards"):
            raise fail("there are no personas yet: `braid run` builds them.")
        cards = warehouse.read(
            "select persona, label, description, customer_count, share::float8 as share, "
            "value_share::float8 as value_share, average_value::float8 as average_value, channels::text as channels, "
            "needs::text as needs, journey, categories, reachable_share::float8 as reachable_share "
            "from segments.persona_cards order by customer_count desc, persona"
        ).to_pylist()
    read = [card | {"channels": json.loads(card["channels"]), "needs": json.loads(card["needs"])} for card in cards]
    if as_json:
        typer.echo(json.dumps(read, indent=2))
        return
    table = Table("persona", "customers", "of all", "of value", "average", "reachable", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for card in read:
        table.add_row(
            card["persona"],
            f"{card['customer_count']:,}",
            _share(card["share"]),
            _share(card["value_share"]),
            "-" if card["average_value"] is None else f"{card['average_value']:,.2f}",
            _share(card["reachable_share"]),
        )
    console.print(table)
    for card in read:
        console.print(f"\n[bold]{card['label']}[/] ({card['persona']}): {card['description']}", highlight=False)
        for title, words in (
            ("met in", _mix(card["channels"])),
            ("writes about", _mix(card["needs"])),
            ("comes by", " → ".join(card["journey"] or [])),
            ("buys", ", ".join(card["categories"] or [])),
        ):
            if words:
                console.print(f"  {title}: {words}", highlight=False, markup=False)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _mix(shares: list[dict[str, object]]) -> str:
    return ", ".join(f"{entry['name']} {float(str(entry['share'])):.0%}" for entry in shares)
