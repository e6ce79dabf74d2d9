"""`braid sync forget`: let go of what a sync sent, where nobody can take it back any more."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from activation.schema import require_current
from activation.sync.forgetting import LetGo, forget, held_of, remembered_names
from orchestration.sync_commands.opened import connected
from orchestration.terminal import console, fail, load_settings, whoever_types


def register(app: typer.Typer) -> None:
    """Add `forget` to `braid sync`."""
    app.command(name="forget")(forgetting)


def forgetting(
    sync: Annotated[str, typer.Argument(metavar="SYNC", help="its name, also when its file is no longer there")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    by: Annotated[str | None, typer.Option(help="who decides; the user of this terminal if not given")] = None,
) -> None:
    """Forget what a sync sent, when the place it went to is gone. Nobody is taken back from there."""
    settings = load_settings()
    who = whoever_types(by)
    with connected(settings) as connection:
        require_current(connection)
        known = remembered_names(connection)
        if sync not in known:
            near = difflib.get_close_matches(sync, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}."
            raise fail(f"nothing is remembered of a sync {sync}; {hint}")
        for line in told(sync, held_of(connection, sync)):
            console.print(line, markup=False, highlight=False)
        if not yes:
            typer.confirm("Forget them?", abort=True)
        gone = forget(connection, sync, who)
    console.print(
        f"{sync}: {gone.rows:,} rows are forgotten; `braid sync history {sync}` keeps who did it.", highlight=False
    )


def told(sync: str, held: LetGo) -> list[str]:
    """What would be let go of, in lines for a person."""
    where = "its tool" if held.target is None else str(held.target)
    doubt = f", {held.in_doubt:,} of them in doubt" if held.in_doubt else ""
    lines = [
        f"{where} holds {held.rows:,} rows of {sync}{doubt}. Braid would no longer look after them:",
        "  nobody is taken back from there, now or when they withdraw later;",
        f"  a sync named {sync} would begin anew with its next run.",
    ]
    if held.erasures:
        lines.append(
            f"  {held.erasures:,} of them are people who asked to be forgotten, and whom the tool has not deleted yet: "
            "delete them there by hand."
        )
    return lines
