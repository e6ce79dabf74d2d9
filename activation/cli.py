"""The commands of activation, to be mounted by the CLI: `braid api-key …`, and the server of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import typer
import uvicorn
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from activation.access.keys import create_key, list_keys, revoke_key
from activation.api.app import create_app
from activation.api.config import ApiConfig
from activation.database import ActivationError, Connection


def build_app(open_connection: Callable[[], Connection]) -> typer.Typer:
    """The sub-app `api-key`; `open_connection` is called when a command runs, and its connection closed after."""
    app = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)

    @app.command()
    def create(name: str = typer.Argument(help="Whose key it is, for example 'Zendesk sidebar'.")) -> None:
        """Make a key and show it once."""
        with _connected(open_connection) as connection:
            new = create_key(connection, name)
        typer.echo(new.key)
        typer.echo(
            f"{new.key_id} for {new.name}. It is shown only now; send it as Authorization: Bearer <key>.", err=True
        )

    @app.command("list")
    def list_all() -> None:
        """Show every key's id, name and dates; never the key."""
        with _connected(open_connection) as connection:
            keys = list_keys(connection)
        table = Table("id", "name", "created", "revoked")
        for key in keys:
            revoked = "" if key.revoked_at is None else f"{key.revoked_at:%Y-%m-%d %H:%M}"
            table.add_row(key.key_id, key.name, f"{key.created_at:%Y-%m-%d %H:%M}", revoked)
        Console().print(table if keys else "no keys yet; `braid api-key create NAME` makes one")

    @app.command()
    def revoke(key_id: str = typer.Argument(help="The id that `list` shows.")) -> None:
        """Refuse a key from now on."""
        with _connected(open_connection) as connection:
            revoke_key(connection, key_id)
        typer.echo(f"{key_id} is revoked")

    return app


@contextmanager
def _connected(open_connection: Callable[[], Connection]) -> Iterator[Connection]:
    """A connection for one command; what goes wrong is said in one line."""
    with closing(open_connection()) as connection:
        try:
            yield connection
        except ActivationError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None


def serve_api(conninfo: str, host: str = "127.0.0.1", port: int = 8000, default_region: str = "US") -> None:
    """Serve the API until interrupted.

    There is no access log: the addresses of lookups hold e-mail addresses and phone numbers.
    """
    config = ApiConfig(conninfo=SecretStr(conninfo), default_region=default_region)
    uvicorn.run(create_app(config), host=host, port=port, access_log=False, log_level="warning")
