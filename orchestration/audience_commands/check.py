"""`braid audiences check`: are the files well formed, and do the models say the same?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from activation.audiences.generated import changes
from activation.audiences.problems import AudienceProblems
from orchestration.audience_commands.declared import PROJECT, ProjectOption, all_declared, one_declared, wrong
from orchestration.terminal import console, fail


def register(app: typer.Typer) -> None:
    """Add `check` to `braid audiences`."""
    app.command()(check)


def check(
    file: Annotated[
        Path | None, typer.Argument(help="one file; all when not given", exists=True, dir_okay=False)
    ] = None,
    project: ProjectOption = PROJECT,
) -> None:
    """Check one audience, or all of them and that the models built of them are up to date. Nothing is changed.

    Ends with 1 when anything is wrong, so that it can guard a commit.
    """
    if file is not None:
        declared = one_declared(project, file)
        console.print(f"{declared.file} is well formed: {declared.audience.label}.", markup=False, highlight=False)
        return
    audiences = all_declared(project)
    try:
        differing = changes(project, audiences)
    except AudienceProblems as error:
        raise wrong(error) from None
    if differing:
        behind = [*map(str, differing.written), *(f"{path} (its audience is gone)" for path in differing.removed)]
        raise fail("the models are not those of the audiences: `braid audiences build`.\n  " + "\n  ".join(behind))
    if not audiences:
        console.print(f"There is no audience in {project / 'audiences'} yet.", highlight=False)
        return
    names = ", ".join(declared.name for declared in audiences)
    console.print(f"{len(audiences)} audiences are well formed and their models up to date: {names}.", highlight=False)
