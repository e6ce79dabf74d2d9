"""`braid sync list`: every declared sync, whether its tool is configured, and how its last run ended."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from activation.schema import require_current
from activation.sync.declared import DeclaredSync
from activation.sync.target import Target, remembered_targets, target_of
from orchestration.declared_syncs import declared_syncs, is_configured, syncs_folder
from orchestration.settings import Settings
from orchestration.sync_commands.opened import AsJson, connected
from orchestration.terminal import console, load_settings, warehouse_errors

_STATE: Final = """
    select
        named.destination,
        (
            select count(*) from activation.deliveries as d
            where d.destination = named.destination and d.payload_hash is not null and not d.departed
        ) as holds,
        (select count(*) from activation.deliveries as d where d.destination = named.destination and d.in_doubt)
            as in_doubt,
        (select count(*) from activation.dead_letters as d where d.destination = named.destination) as dead_letters,
        (select count(*) from activation.deliveries as d where d.destination = named.destination) as remembered,
        (select paused_by from activation.sync_pauses as p where p.destination = named.destination) as paused_by,
        latest.status,
        latest.started_at
    from (
        select unnest(%s::text[]) as destination
        union
        select destination from activation.deliveries where destination <> 'file_drop'
    ) as named
    left join lateral (
        select status, started_at from activation.syncs as s
        where s.destination = named.destination order by s.sync_id desc limit 1
    ) as latest on true
    order by named.destination
"""

_UNDECLARED: Final = "no longer declared"
_ELSEWHERE: Final = "target changed"


def register(app: typer.Typer) -> None:
    """Add `list` to `braid sync`."""
    app.command(name="list")(listing)


def listing(
    as_json: AsJson = False,
    check: Annotated[bool, typer.Option("--check", help="only read the files; ends with 1 if one is wrong")] = False,
) -> None:
    """Every declared sync: its tool, what it sends, what the tool holds, and how the last run ended."""
    settings = load_settings()
    with warehouse_errors():
        declared = {found.block.name: found for found in declared_syncs(settings)}
    if check:
        console.print(f"{len(declared)} syncs are declared well: {', '.join(declared) or 'none'}.", highlight=False)
        return
    with connected(settings) as connection:
        require_current(connection)
        with connection.transaction():
            found = {row[0]: row for row in connection.execute(_STATE, [list(declared)]).fetchall()}
            went = remembered_targets(connection)
    rows = [_described(name, declared.get(name), found[name], went.get(name), settings) for name in sorted(found)]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        console.print(f"No sync is declared in {syncs_folder(settings)} yet.", highlight=False)
        return
    _print(rows)


def _described(
    name: str, declared: DeclaredSync | None, state: tuple[Any, ...], went: Target | None, settings: Settings
) -> dict[str, Any]:
    _, holds, in_doubt, dead, remembered, paused_by, status, started_at = state
    target = None if went is None or not remembered else str(went)
    told = {
        "sync": name,
        "holds": holds,
        "in_doubt": in_doubt,
        "dead_letters": dead,
        "paused_by": paused_by,
        "held_in": target,
        "last": status,
        "last_at": None if started_at is None else started_at.isoformat(timespec="seconds"),
    }
    if declared is None:
        kind = None if went is None else went.kind
        return told | {"destination": kind, "model": None, "schedule": None, "state": _UNDECLARED}
    block = declared.block
    state_now = "paused" if paused_by else "ready" if is_configured(declared, settings) else "not configured"
    if target is not None and went != target_of(block):
        state_now = _ELSEWHERE
    return told | {
        "destination": block.destination,
        "model": block.model,
        "schedule": block.schedule,
        "state": state_now,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("sync", "tool", "sends", "when", "state"):
        table.add_column(column, overflow="fold")
    for column in ("holds", "in doubt", "dead"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("last", overflow="fold")
    for row in rows:
        table.add_row(
            row["sync"],
            row["destination"] or "",
            row["model"] or "",
            row["schedule"] or "",
            row["state"],
            f"{row['holds']:,}",
            f"{row['in_doubt']:,}",
            f"{row['dead_letters']:,}",
            f"{row['last']} {row['last_at']}" if row["last"] else "never",
        )
    console.print(table)
    for row in rows:
        if row["state"] in (_UNDECLARED, _ELSEWHERE) and row["held_in"]:
            console.print(f"{row['sync']}: what it sent is in {row['held_in']}.", markup=False, highlight=False)
    if any(row["state"] == _UNDECLARED for row in rows):
        console.print(
            "No longer declared: the tool goes on holding these rows, and nobody takes back who withdraws. Put the "
            "file back with `model: nobody` and run it to take everything back; or, when that place is gone, "
            "`braid sync forget NAME`.",
            highlight=False,
        )
    if any(row["state"] == _ELSEWHERE for row in rows):
        console.print(
            "Target changed: nothing is sent, and who withdraws waits too; `braid sync plan NAME` says the ways out.",
            highlight=False,
        )
