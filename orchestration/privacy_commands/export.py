"""`braid privacy export`: everything that is held of a person, for them to read and to take along."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from activation.database import ActivationError
from activation.privacy.export import Export, export_person
from activation.privacy.export_page import page
from activation.privacy.subject import find_subject
from orchestration.privacy_commands.opened import Customer, opened
from orchestration.terminal import console


def register(group: typer.Typer) -> None:
    """Add `export` to `braid privacy`."""
    group.command()(export)


def export(
    customer: Customer,
    out: Annotated[
        Path | None, typer.Option(help="a file to write, with a page to read beside it; standard output if not said")
    ] = None,
) -> None:
    """Write all that is held of a customer, table by table and with where it came from, as JSON."""
    with opened() as (connection, settings):
        files = _new_files(out)
        with connection.transaction():
            subject = find_subject(connection, customer)
        found = export_person(connection, subject, settings.default_region)
    text = json.dumps(found.as_json(), indent=2, ensure_ascii=False)
    if files is None:
        typer.echo(text)
        return
    _write(files, text, found)
    rows = sum(len(table.rows) for table in found.tables)
    console.print(
        f"{rows:,} rows of {len(found.tables)} tables about {found.subject.customer_id}: {files[0]}, and {files[1]} to "
        "read. Both are readable by you alone.",
        highlight=False,
        markup=False,
    )


def _new_files(out: Path | None) -> tuple[Path, Path] | None:
    """The two files, neither of which may be there: an export is never mixed with another person's."""
    if out is None:
        return None
    data = out if out.suffix == ".json" else out.with_name(out.name + ".json")
    files = (data, data.with_suffix(".html"))
    for file in files:
        if file.exists() or file.is_symlink():
            raise ActivationError(
                f"{file} is there already; an export overwrites nothing, give another name with --out"
            )
        if not file.parent.is_dir():
            raise ActivationError(f"there is no folder {file.parent} to write to")
    return files


def _write(files: tuple[Path, Path], text: str, found: Export) -> None:
    for file, content in zip(files, (text, page(found)), strict=True):
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ActivationError(f"{file} cannot be written: {error.strerror}") from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened_file:
            opened_file.write(content + "\n")
