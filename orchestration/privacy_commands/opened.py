"""What every command of `braid privacy` opens: the settings, and the warehouse with its schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from activation.database import ActivationError, Connection, scalar
from activation.schema import migrate
from orchestration.resources import WarehouseResource
from orchestration.settings import Settings
from orchestration.terminal import fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse

By = Annotated[str | None, typer.Option("--by", help="who asked for it; your user name if not said")]
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="any customer id that was ever issued")]


@contextmanager
def opened() -> Iterator[tuple[Connection, Settings]]:
    """The warehouse and the settings of the environment; what goes wrong is said in one line, without the input."""
    settings = load_settings()
    with warehouse_errors(), closing(WarehouseResource(settings).open().connect()) as connection:
        try:
            migrate(connection)
            _require_a_run(connection)
            yield connection, settings
        except ActivationError as error:
            raise fail(str(error)) from None


@contextmanager
def held(settings: Settings) -> Iterator[Warehouse]:
    """The warehouse while no run is at work on it: one that has read somebody would write them again."""
    with WarehouseResource(settings).for_one_run() as resource:
        yield resource.open()


def _require_a_run(connection: Connection) -> None:
    with connection.transaction():
        if scalar(connection, "select to_regclass('identity.record_customers')") is None:
            raise ActivationError("nobody is known here yet: `braid run` reads the sources")
