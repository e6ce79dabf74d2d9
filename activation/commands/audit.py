"""`braid audit`: who read whose data, and when."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from rich.table import Column, Table

from activation.access.audit import ids_of, read
from activation.access.keys import list_keys
from activation.commands.session import connected, duration
from activation.commands.whole_console import WholeConsole
from activation.database import Connection
from activation.schema import migrate

_MOST_NAMED = 3


def register(app: typer.Typer, open_connection: Callable[[], Connection]) -> None:
    """Add the command `audit`; `open_connection` is called when it runs, and its connection closed after."""

    @app.command()
    def audit(
        customer: Annotated[str | None, typer.Option(help="A customer id; those merged into it are included.")] = None,
        key: Annotated[str | None, typer.Option(help="A key's id, as `braid api-key list` shows it.")] = None,
        since: Annotated[str | None, typer.Option(help="A date, a time, or how long ago: 2026-05-01, 7d.")] = None,
        limit: Annotated[int, typer.Option(help="At most so many, the latest first.", min=1)] = 100,
        json: Annotated[bool, typer.Option("--json", help="One JSON object per line, whole.")] = False,
    ) -> None:
        """Show who read whose data, what was exported, and which keys were made or revoked."""
        start = _moment(since) if since is not None else None
        with connected(open_connection) as connection:
            migrate(connection)
            asked = ids_of(connection, customer) if customer is not None else None
            entries = read(connection, customer_ids=asked, key_id=key, since=start, limit=limit)
            if json:
                for entry in entries:
                    sys.stdout.buffer.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
                return
            rows = list(entries)
            names = {one.key_id: one.name for one in list_keys(connection)}
        WholeConsole().print(_table(rows, names) if rows else "nothing in the audit trail for that")


def _table(entries: list[dict[str, Any]], names: dict[str, str]) -> Table:
    table = Table(*(Column(title, overflow="fold") for title in ("when", "who", "what", "customers", "detail")))
    for entry in entries:
        customers = entry["customer_ids"]
        more = f" and {len(customers) - _MOST_NAMED:,} more" if len(customers) > _MOST_NAMED else ""
        key_id = entry["key_id"]
        table.add_row(
            f"{entry['occurred_at']:%Y-%m-%d %H:%M:%S}",
            f"{entry['detail'].get('by', '')} (command line)"
            if key_id is None
            else f"{names.get(key_id, '')} {key_id}",
            entry["action"],
            ", ".join(customers[:_MOST_NAMED]) + more,
            ", ".join(f"{name} {value}" for name, value in entry["detail"].items()),
        )
    return table


def _moment(words: str) -> datetime:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        try:
            return datetime.now(UTC) - duration(words)
        except typer.BadParameter:
            raise typer.BadParameter(
                "write a date (2026-05-01), a time (2026-05-01T08:00Z) or how long ago (7d)"
            ) from None
    return moment if moment.tzinfo else moment.astimezone()
