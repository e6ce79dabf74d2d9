"""Events in on two cores: batches of a hundred over HTTP until all are durable, beside PostgreSQL's COPY of the rows.

`make bench-events` runs it. Senders, API and PostgreSQL share the machine; PostgreSQL flushes before it answers, as
`activation.events` demands. Every event is counted in the table afterwards. Then all are sent once more, as a client
does that heard no answer: nothing is added.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing

from rich.console import Console
from rich.table import Table

from activation.access.keys import create_key
from activation.access.role import ensure_role
from activation.access.scopes import Scope
from activation.schema import migrate
from benchmarks.api_load.server import serving
from benchmarks.events_load.senders import bodies, send
from benchmarks.scratch_warehouse import scratch_warehouse
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse

LEAST_A_SECOND = 1_000


def main() -> int:
    """Send, count, send again, copy, and print the figures beside the bound; 1 when it is not met."""
    parser = argparse.ArgumentParser(prog="benchmarks.events_load", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=100, help="events in a request, as client libraries send them")
    parser.add_argument("--senders", type=int, default=8, help="requests under way at a time")
    parser.add_argument("--workers", type=int, default=2, help="processes of the API")
    arguments = parser.parse_args()
    console = Console(width=110)
    with scratch_warehouse("events") as (warehouse, settings, _):
        return _measure(console, warehouse, settings, arguments)


def _measure(console: Console, warehouse: Warehouse, settings: Settings, arguments: argparse.Namespace) -> int:
    with closing(warehouse.connect()) as connection:
        migrate(connection)
        ensure_role(connection)
        connection.commit()
        # No limit of its own: what is measured is the door, not its manners.
        key = create_key(connection, "bench", frozenset({Scope.EVENTS}), rate_limit=10_000_000).key
    sent = bodies(arguments.events, arguments.batch, seed=7)
    with serving(settings, arguments.workers, ready="/health") as url:
        console.print(f"[dim]{arguments.events:,} events in requests of {arguments.batch} …[/]")
        first = send(url, key, sent, arguments.senders)
        kept = _count(warehouse)
        console.print("[dim]the same once more …[/]")
        second = send(url, key, sent, arguments.senders)
        kept_then = _count(warehouse)
    copied = _copied(warehouse)
    rate, limit = kept / first, kept / copied
    table = Table("figure", "seen", "bound", "", title=f"{kept:,} events", title_justify="left")
    table.add_row(
        "events a second", f"{rate:,.0f}", f"{LEAST_A_SECOND:,}", "met" if rate >= LEAST_A_SECOND else "NOT MET"
    )
    console.print(table)
    console.print(
        f"durable {rate:,.0f} a second; sent again {arguments.events / second:,.0f} a second, "
        f"{kept_then - kept} added; "
        f"PostgreSQL's COPY of the same rows into an equal table {limit:,.0f} a second: ratio {rate / limit:.3f}"
    )
    return int(rate < LEAST_A_SECOND or kept != arguments.events or kept_then != kept)


def _count(warehouse: Warehouse) -> int:
    with warehouse.connect() as connection:
        row = connection.execute("select count(*) from activation.events").fetchone()
        return 0 if row is None else int(row[0])


def _copied(warehouse: Warehouse) -> float:
    """Seconds that it takes to copy the same rows, as text, into an empty table with the same columns and indexes."""
    with warehouse.connect() as connection:
        connection.execute("create table activation.limit_of_events (like activation.events including all)")
        with connection.cursor().copy("copy activation.events to stdout") as out:
            rows = [bytes(part) for part in out]
        connection.commit()
        started = time.perf_counter()
        with connection.cursor().copy("copy activation.limit_of_events from stdin") as copy:
            for row in rows:
                copy.write(row)
        connection.commit()
        return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
