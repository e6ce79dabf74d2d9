"""`braid privacy allow`: somebody who was erased has come back on purpose."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from activation.access.audit import Entry, write
from activation.database import ActivationError
from activation.privacy.marks import RECORD, Mark, email_mark, phone_mark
from activation.privacy.tombstones import lift, require_key
from orchestration.erased_people import key_of
from orchestration.privacy_commands.opened import By, opened
from orchestration.terminal import console, whoever_types


def register(group: typer.Typer) -> None:
    """Add `allow` to `braid privacy`."""
    group.command()(allow)


def allow(
    erasure: Annotated[str | None, typer.Option(help="all that this erasure keeps away")] = None,
    record: Annotated[str | None, typer.Option(help="a source record, as shopify:customer:7")] = None,
    address: Annotated[
        str | None,
        typer.Option(help="an e-mail or phone number; `-` reads it from standard input, and no option asks for it"),
    ] = None,
    by: By = None,
) -> None:
    """Let a person, a record or an address come back: they agreed to a new contract. What was erased stays erased."""
    if sum(given is not None for given in (erasure, record, address)) > 1:
        raise typer.BadParameter("give one of --erasure, --record and --address")
    with opened() as (connection, settings):
        marks = set()
        if record is not None:
            marks = {Mark(RECORD, record.strip())}
        elif erasure is None:
            marks = {_mark(address, settings.default_region)}
        with connection.transaction():
            key = require_key(connection, key_of(settings))
            if key is None:
                raise ActivationError("nobody was erased from this warehouse: nothing keeps anybody away")
            lifted = lift(connection, key, marks=marks, erasure_id=erasure, by=whoever_types(by))
            if lifted:
                write(connection, Entry("privacy.allow", [erasure] if erasure else [], {"lifted": lifted}))
    if not lifted:
        console.print("Nothing keeps that away: it was never erased, or was allowed before.")
        return
    console.print(
        f"{lifted:,} tombstones are lifted. Rows that were held back before are not in the warehouse: they come when "
        "the source sends them again.",
        highlight=False,
    )


def _mark(address: str | None, default_region: str) -> Mark:
    if address == "-":
        address = sys.stdin.readline()
    elif address is None:
        address = typer.prompt("E-mail address or phone number (not shown)", hide_input=True)
    text = str(address).strip()
    mark = email_mark(text) if "@" in text else phone_mark(text, default_region)
    if mark is None:
        raise ActivationError("that is no e-mail address or phone number")
    return mark
