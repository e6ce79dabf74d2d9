"""`braid personas propose`: groups of customers found in the data, for a person to name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration.persona_commands.trait_table import read_traits
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse

if TYPE_CHECKING:
    from activation.personas.clustering import Groups
    from activation.personas.proposal import Proposal


def register(app: typer.Typer) -> None:
    """Add `propose` to `braid personas`."""
    app.command()(propose)


def propose(
    count: Annotated[
        int | None, typer.Option(min=2, max=20, help="how many; as many as the data says if not given")
    ] = None,
    out: Annotated[Path, typer.Option(help="where to write the proposal")] = Path("personas.proposal.yml"),
    force: Annotated[bool, typer.Option("--force", help="write over a file that is there")] = False,
) -> None:
    """Cluster the customers by their traits, say what each group is like, and write a proposal to name and keep.

    Nothing changes until somebody keeps it. The same data gives the same proposal.
    """
    if out.exists() and not force:
        raise fail(f"{out} is there already, perhaps with names in it: give another --out, or --force.")
    with warehouse_errors():
        table = read_traits(Warehouse.open(load_settings()))
    # Only this command needs it, and its import takes a second.
    from activation.personas import proposal as proposals
    from activation.personas.clustering import TooFewCustomers, find_groups

    try:
        groups = find_groups(table.traits, table.values, count)
    except TooFewCustomers as error:
        raise fail(f"{error}. Nothing was written.") from None
    proposal = proposals.propose(groups, table.traits, table.values)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(proposals.to_yaml(proposal, str(out)), encoding="utf-8")
    except OSError as error:
        raise fail(f"{out} cannot be written: {error.strerror}.") from None
    _show(proposal, groups)
    for doubt in proposals.doubts(groups):
        console.print(f"[yellow]No good structure:[/] {doubt}.", highlight=False)
    console.print(f"\nWritten to {out}. Name what you want, then `braid personas keep {out}`.", highlight=False)


def _show(proposal: Proposal, groups: Groups) -> None:
    tried = ", ".join(f"{n}: {'a group too small' if s is None else f'{s:.2f}'}" for n, s in groups.tried.items())
    console.print(
        f"{proposal.customers:,} customers in {len(proposal.personas)} groups; silhouette {proposal.silhouette:.2f} "
        f"({tried}); their weights put {proposal.agreement:.1%} of the customers into their own group.\n",
        highlight=False,
    )
    table = Table("group", "customers", "stability", "what sets it apart", box=None, pad_edge=False)
    for persona in proposal.personas:
        table.add_row(persona.persona, f"{persona.share:.0%}", f"{persona.stability:.2f}", persona.description)
    console.print(table)
