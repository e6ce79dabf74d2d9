"""`braid events`: what came in, what is in quarantine and why, and how to read it again."""

from __future__ import annotations

from collections.abc import Callable

import typer
from rich.progress import Progress
from rich.table import Table

from activation.commands.session import connected
from activation.commands.whole_console import WholeConsole
from activation.database import Connection
from activation.events.quarantine import reasons, replay, taken
from activation.schema import migrate


def build_events_app(open_connection: Callable[[], Connection]) -> typer.Typer:
    """The sub-app `events`; `open_connection` is called when a command runs, and its connection closed after."""
    app = typer.Typer(help="Events that came in by the API: what, how many, what is in quarantine.")

    @app.callback(invoke_without_command=True)
    def show(context: typer.Context) -> None:
        """Show what came in, and what is in quarantine."""
        if context.invoked_subcommand is not None:
            return
        with connected(open_connection) as connection:
            migrate(connection)
            came, held = taken(connection), reasons(connection)
        console = WholeConsole()
        if came:
            console.print(
                _table("call", [(one.type, one.count, f"{one.last_received_at:%Y-%m-%d %H:%M}") for one in came])
            )
        else:
            console.print(
                "no events yet; a client needs this address and a key of `braid api-key create NAME --scope events`"
            )
        if held:
            console.print("In quarantine, not taken:")
            console.print(
                _table("why", [(one.reason, one.count, f"{one.last_received_at:%Y-%m-%d %H:%M}") for one in held])
            )

    @app.command("replay")
    def replay_all() -> None:
        """Read what is in quarantine again, by the rules of this Braid; what is fit now is taken."""
        with connected(open_connection) as connection, Progress(transient=True) as progress:
            migrate(connection)
            task = progress.add_task("reading", total=sum(one.count for one in reasons(connection)))
            done = replay(connection, lambda count: progress.advance(task, count))
        typer.echo(f"{done.accepted:,} taken, {done.still_refused:,} still in quarantine")

    return app


def _table(what: str, rows: list[tuple[str, int, str]]) -> Table:
    table = Table(what, "events", "last")
    for name, count, last in rows:
        table.add_row(name, f"{count:,}", last)
    return table
