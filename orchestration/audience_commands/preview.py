"""`braid audiences preview`: who would be in it, before anybody is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from activation.audiences.audience import Declared
from activation.audiences.seen_values import told_values
from orchestration.audience_commands.declared import PROJECT, ProjectOption, one_declared, vocabulary_of
from orchestration.audience_commands.preview_figures import Preview, compiled_queries, preview_figures, preview_template
from orchestration.dbt_command import compiled
from orchestration.dbt_manifest import dbt_vars
from orchestration.settings import Settings
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse

_OBSTACLES: Final = {
    "consent_denied": "refused",
    "consent_unknown": "never said",
    "no_contact_point": "no contact",
    "unreachable": "contact fails",
    "address_not_agreed": "not this address",
    "address_refused": "shared, refused",
    "weak_link": "unsure who",
}


def register(app: typer.Typer) -> None:
    """Add `preview` to `braid audiences`."""
    app.command()(preview)


def preview(
    file: Annotated[Path, typer.Argument(help="the file of the audience", exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
    project: ProjectOption = PROJECT,
) -> None:
    """Show how many would be in an audience, whom it reaches, which segments it overlaps, and a sample.

    The rule is compiled by dbt, as it would be for the model, and run on what the last run built. Nothing is kept.
    """
    declared = one_declared(project, file)
    settings = load_settings()
    with warehouse_errors():
        found = _figures(declared, Warehouse.open(settings), settings, project)
    if as_json:
        rule = declared.audience.where
        sample = [{"customer_id": row["customer_id"], "seen": told_values(rule, row["reason"])} for row in found.sample]
        typer.echo(json.dumps(asdict(found) | {"sample": sample}, indent=2))
        return
    _show(declared, found)


def _figures(declared: Declared, warehouse: Warehouse, settings: Settings, project: Path) -> Preview:
    if not warehouse.has_table("segments", "customer_features"):
        raise fail("nothing has been built yet that a rule could be tried on: `braid run` first.")
    held_by = sorted(vocabulary_of(project).held_back_by)
    missing = [
        name for name in sorted({*declared.reads, *held_by}) if not warehouse.has_table("segments", f"seg_{name}")
    ]
    if missing:
        raise fail(
            f"these segments have not been built yet: {', '.join(missing)}. If they are audiences, first "
            "`braid audiences build`; then `braid run`."
        )
    sql = compiled(
        warehouse.address,
        settings.home / "dbt" / "commands",
        {**_built_as_of(warehouse), **dbt_vars(settings)},
        preview_template(declared.audience),
        project=project,
    )
    with warehouse.transaction() as transaction:
        return preview_figures(transaction, compiled_queries(sql), declared.audience, held_by)


def _built_as_of(warehouse: Warehouse) -> dict[str, str]:
    """The "now" of what the last run published: days are counted to there, not to the moment of asking."""
    if not warehouse.has_table("activation", "publications"):
        return {}
    latest = "select as_of from activation.publications order by publication_id desc limit 1"
    found = warehouse.read(latest).to_pylist()
    return {"as_of": found[0]["as_of"].isoformat()} if found else {}


def _show(declared: Declared, found: Preview) -> None:
    audience = declared.audience
    share = f" ({found.size / found.customers:.1%})" if found.customers else ""
    console.print(f"[bold]{audience.label}[/] ({declared.name}), {audience.purpose}", highlight=False)
    console.print(f"{found.size:,} of {found.customers:,} customers{share}", highlight=False)
    if not found.size:
        console.print("Nobody is in it: look at the strictest condition, or take one away and try again.")
        return
    if audience.purpose == "marketing":
        console.print(
            f"{found.held_back:,} of them wait for support or are cross with us: left out meanwhile.", highlight=False
        )
    if found.reach:
        table = Table("reach", "reachable", *_OBSTACLES.values(), box=None, pad_edge=False)
        for row in found.reach:
            table.add_row(row["channel"], *(f"{row[name]:,}" for name in ("reachable", *_OBSTACLES)))
        console.print(table)
    else:
        console.print("A suppression keeps people out of others' reach; it reaches nobody itself.")
    overlaps = [row for row in found.overlaps if row["segment"] != declared.name]
    if overlaps:
        table = Table("\nalso in", "shared", "of this audience", box=None, pad_edge=False)
        for row in overlaps:
            table.add_row(row["segment"], f"{row['shared']:,}", f"{row['shared'] / found.size:.0%}")
        console.print(table)
    console.print("\nA sample", style="bold")
    for row in found.sample:
        values = "; ".join(told_values(audience.where, row["reason"]))
        console.print(f"  {row['customer_id']}  {values}", markup=False, highlight=False)
