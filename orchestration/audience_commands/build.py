"""`braid audiences build`: the audiences become models of the dbt project."""

from __future__ import annotations

from pathlib import Path

import typer

from activation.audiences.generated import MODELS, Changes, apply, changes
from activation.audiences.problems import AudienceProblems
from orchestration.audience_commands.declared import PROJECT, ProjectOption, all_declared, vocabulary_of, wrong
from orchestration.terminal import console, fail


def register(app: typer.Typer) -> None:
    """Add `build` to `braid audiences`."""
    app.command()(build)


def build(project: ProjectOption = PROJECT) -> None:
    """Write the dbt models of all audiences, and remove those whose file is gone.

    The models are committed like any code; the next `braid run` builds them with their members, history and reach. A
    model that somebody wrote by hand is never touched. Running it again changes nothing.
    """
    audiences = all_declared(project)
    try:
        found = changes(project, audiences)
    except AudienceProblems as error:
        raise wrong(error) from None
    _still_needed(project, found)
    if not found:
        console.print(f"The models of {len(audiences)} audiences are up to date: nothing to do.", highlight=False)
        return
    told = [*(_told(project, path) for path in found.written), *(f"removed  {path}" for path in found.removed)]
    apply(project, found)
    console.print("\n".join(told), markup=False, highlight=False)
    console.print("Commit these files; the next `braid run` builds them.", highlight=False)


def _told(project: Path, path: Path) -> str:
    return f"{'changed ' if (project / path).exists() else 'new     '} {path}"


def _still_needed(project: Path, found: Changes) -> None:
    gone = {path.stem.removeprefix("seg_") for path in found.removed if path.parent == MODELS}
    for segment, reads in sorted(vocabulary_of(project).segments.items()):
        if needed := sorted(reads & gone):
            raise fail(f"seg_{segment}.sql names {', '.join(needed)}, which is gone; change that segment first.")
