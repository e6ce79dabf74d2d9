"""The audiences of a dbt project for a command: read, or told what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from activation.audiences.audience import Declared
from activation.audiences.problems import AudienceProblems
from activation.audiences.reading import check, files_of
from activation.audiences.vocabulary import Vocabulary, VocabularyMissing, read_vocabulary
from orchestration.dbt_manifest import PROJECT_DIR
from orchestration.terminal import fail

ProjectOption = Annotated[Path, typer.Option("--project", help="the dbt project", exists=True, file_okay=False)]
PROJECT = PROJECT_DIR


def vocabulary_of(project: Path) -> Vocabulary:
    """The words that audiences of a project may use.

    Raises:
        typer.Exit: if the project does not document them.
    """
    try:
        return read_vocabulary(project)
    except VocabularyMissing as error:
        raise fail(f"{error}.") from None


def all_declared(project: Path) -> list[Declared]:
    """Every audience of a project.

    Raises:
        typer.Exit: if anything in any of them is wrong.
    """
    try:
        return check(files_of(project / "audiences"), vocabulary_of(project))
    except AudienceProblems as error:
        raise wrong(error) from None


def one_declared(project: Path, file: Path) -> Declared:
    """The audience of one file, in the folder of the project or elsewhere, beside all others.

    Raises:
        typer.Exit: if anything in it is wrong; what is wrong with the others is not told.
    """
    others = [path for path in files_of(project / "audiences") if path.stem != file.stem]
    vocabulary = vocabulary_of(project)
    try:
        found = check([*others, file], vocabulary)
    except AudienceProblems as error:
        own = [problem for problem in error.problems if problem.file == file.name]
        if own:
            raise wrong(AudienceProblems(own)) from None
        try:
            found = check([file], vocabulary, beside=[path.stem for path in others])
        except AudienceProblems as again:
            raise wrong(again) from None
    return next(declared for declared in found if declared.name == file.stem)


def wrong(error: AudienceProblems) -> typer.Exit:
    """Print the problems, one line each; return the exit to raise."""
    count = len(error.problems)
    lines = "\n  ".join(str(problem).replace("[", r"\[") for problem in error.problems)
    return fail(f"{'one thing is' if count == 1 else f'{count} things are'} wrong:\n  {lines}")
