"""`braid api-key`: create, list, rotate, revoke."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Column, Table

from activation.access.keys import DEFAULT_SCOPES, ApiKey, NewKey, create_key, list_keys, revoke_key, rotate_key
from activation.access.scopes import Scope
from activation.commands.session import connected, duration
from activation.commands.whole_console import WholeConsole
from activation.database import Connection


def build_app(open_connection: Callable[[], Connection]) -> typer.Typer:
    """The sub-app `api-key`; `open_connection` is called when a command runs, and its connection closed after."""
    app = typer.Typer(help="API keys: create, list, rotate, revoke.", no_args_is_help=True)

    @app.command()
    def create(
        name: Annotated[str, typer.Argument(help="Whose key it is, for example 'Zendesk sidebar'.")],
        scope: Annotated[
            list[Scope] | None, typer.Option(help="What it may do; give it again for more. Default: support.")
        ] = None,
        rate: Annotated[
            int | None,
            typer.Option(help="Requests a minute. Default: 600; 60,000 for a key of events alone.", show_default=False),
        ] = None,
        expires: Annotated[
            str | None, typer.Option(help="How long it lives: 90d, 12h. Default: until it is revoked.")
        ] = None,
    ) -> None:
        """Make a key and show it once."""
        lifetime = duration(expires) if expires is not None else None
        with connected(open_connection) as connection:
            new = create_key(
                connection, name, frozenset(scope) if scope else DEFAULT_SCOPES, rate_limit=rate, lifetime=lifetime
            )
        _show(new)

    @app.command("list")
    def list_all() -> None:
        """Show every key's id, name, scopes and dates; never the key."""
        with connected(open_connection) as connection:
            keys = list_keys(connection)
        table = Table(Column("id", no_wrap=True), "name", "scopes", "a minute", "created", "last used", "state")
        for key in keys:
            table.add_row(
                key.key_id,
                key.name,
                ", ".join(sorted(key.scopes)),
                f"{key.rate_limit:,}",
                f"{key.created_at:%Y-%m-%d %H:%M}",
                "never" if key.last_used_at is None else f"{key.last_used_at:%Y-%m-%d %H:%M}",
                _state(key),
            )
        WholeConsole().print(table if keys else "no keys yet; `braid api-key create NAME` makes one")

    @app.command()
    def rotate(
        key_id: Annotated[str, typer.Argument(help="The id that `list` shows.")],
        overlap: Annotated[str, typer.Option(help="How long the old key still lives: 0s, 15m, 1d.")] = "1d",
    ) -> None:
        """Make a key that takes another's place, and let the old one live a little longer."""
        lives_on = duration(overlap)
        with connected(open_connection) as connection:
            new = rotate_key(connection, key_id, lives_on)
        _show(new)
        typer.echo(f"{key_id} is refused {'from now on' if not lives_on else f'after {overlap.strip()}'}.", err=True)

    @app.command()
    def revoke(key_id: Annotated[str, typer.Argument(help="The id that `list` shows.")]) -> None:
        """Refuse a key from now on (within a second, wherever it is used)."""
        with connected(open_connection) as connection:
            revoke_key(connection, key_id)
        typer.echo(f"{key_id} is revoked")

    return app


def _show(new: NewKey) -> None:
    typer.echo(new.key)
    typer.echo(f"{new.key_id} for {new.name}. It is shown only now; send it as Authorization: Bearer <key>.", err=True)


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M}"
    if key.expires_at is None:
        return "live"
    tense = "expired" if key.expires_at <= datetime.now(UTC) else "until"
    return f"{tense} {key.expires_at:%Y-%m-%d %H:%M}"
