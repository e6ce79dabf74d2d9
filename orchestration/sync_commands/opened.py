"""A declared sync for a command: found by its name, with a connection and its tool, or told what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Any

import psycopg
import typer

from activation.database import ActivationError, Connection
from activation.destinations.registry import build
from activation.sync.declared import DeclaredSync
from activation.sync.destination import Receiver
from orchestration.declared_syncs import declared_syncs
from orchestration.settings import Settings
from orchestration.terminal import fail, warehouse_errors
from orchestration.warehouse import Warehouse

Name = Annotated[str, typer.Argument(metavar="SYNC", help="the name of its file in syncs/")]
AsJson = Annotated[bool, typer.Option("--json", help="for machines")]


def find(settings: Settings, name: str) -> DeclaredSync:
    """The sync of that name.

    Raises:
        typer.Exit: if there is none, or any is not declared well.
    """
    with warehouse_errors():
        declared = {found.block.name: found for found in declared_syncs(settings)}
    if name in declared:
        return declared[name]
    near = difflib.get_close_matches(name, declared, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(declared)) or 'none'}."
    raise fail(f"no sync {name} is declared; {hint}")


@contextmanager
def connected(settings: Settings) -> Iterator[Connection]:
    """A connection to the warehouse; errors become one line."""
    with warehouse_errors(), _activation_errors():
        connection: psycopg.Connection[Any] = Warehouse.open(settings).connect()
        with closing(connection):
            yield connection


@contextmanager
def reached(settings: Settings, declared: DeclaredSync) -> Iterator[tuple[Connection, Receiver]]:
    """A connection to the warehouse, and the tool; errors become one line."""
    with connected(settings) as connection, closing(build(declared.block, settings.accounts)) as receiver:
        yield connection, receiver


@contextmanager
def _activation_errors() -> Iterator[None]:
    try:
        yield
    except ActivationError as error:
        raise fail(str(error)) from None
