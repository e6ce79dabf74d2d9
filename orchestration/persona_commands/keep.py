"""`braid personas keep`: the personas of a proposal become the seeds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Annotated, Final

import typer

from orchestration.dbt_manifest import PROJECT_DIR
from orchestration.persona_commands.trait_table import known_traits
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse

_SEEDS: Final = PROJECT_DIR / "seeds"


def register(app: typer.Typer) -> None:
    """Add `keep` to `braid personas`."""
    app.command()(keep)


def keep(
    file: Annotated[Path, typer.Argument(help="a proposal whose groups have names", exists=True, dir_okay=False)],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    seeds: Annotated[Path, typer.Option(help="the folder of the seeds", exists=True, file_okay=False)] = _SEEDS,
) -> None:
    """Replace the personas and their weights by those of a named proposal, after showing the difference.

    A score means something only beside the others of its set, so a proposal replaces all personas. The seeds are files
    in git: what was kept is undone with `git checkout`, or `git revert` once it is committed.
    """
    from activation.personas.proposal import ProposalError, read_proposal
    from activation.personas.seeds import difference, seed_texts

    with warehouse_errors():
        traits = known_traits(Warehouse.open(load_settings()))
    try:
        wanted = seed_texts(read_proposal(file.read_text(encoding="utf-8"), traits))
    except UnicodeDecodeError:
        raise fail(f"{file} is not text in UTF-8.") from None
    except ProposalError as error:
        raise fail(f"{file} cannot be kept:\n  " + "\n  ".join(str(error).splitlines())) from None
    changed = {
        seeds / name: text
        for name, text in wanted.items()
        if not (seeds / name).exists() or (seeds / name).read_text(encoding="utf-8") != text
    }
    if not changed:
        console.print("These personas are the ones that are kept already: nothing to do.")
        return
    for path, text in changed.items():
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        console.print(difference(before, text, path.name), markup=False, highlight=False)
    console.print(f"\n{_undo(list(changed))}", markup=False, highlight=False)
    if not yes:
        typer.confirm("Replace the personas?", abort=True)
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
    console.print("Kept. The next `braid run` scores every customer anew.", highlight=False)


def _undo(paths: list[Path]) -> str:
    """How to get back to what is there now.

    Raises:
        typer.Exit: if git holds no copy of what would be overwritten.
    """
    names = [path.name for path in paths]
    git = shutil.which("git")
    status = git and subprocess.run(  # noqa: S603
        [git, "status", "--porcelain", "--", *names],
        cwd=paths[0].parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if not status or status.returncode != 0:
        return "The folder is not in git: nothing will bring back the personas that are replaced."
    if status.stdout.strip():
        raise fail(
            f"{', '.join(names)}: there are changes that git does not have yet, and nothing could bring them back; "
            "commit them first."
        )
    return f"To undo it later: git -C {paths[0].parent} checkout -- {' '.join(names)}"
