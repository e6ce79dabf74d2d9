"""`braid segments backtest`: who would have been in a segment on an earlier day."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from activation.audiences.problems import nearest
from activation.audiences.seen_values import told_values
from orchestration.audience_commands.declared import PROJECT, ProjectOption
from orchestration.segment_commands.backtest_figures import Backtest, Scratch, compare
from orchestration.segment_commands.scratch_build import built_as_of, depends_on_now, live_manifest
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse

_TODAYS = (
    "Who is one person, and their golden profile, household and consent, are today's: only what happened goes back to "
    "that day. The rule is today's too, and so is what was recorded late or has been deleted since."
)


def register(app: typer.Typer) -> None:
    """Add `backtest` to `braid segments`."""
    app.command()(backtest)


def backtest(
    segment: Annotated[str, typer.Argument(help="the segment, such as vip")],
    on: Annotated[str, typer.Option(help="a day, taken at its end in UTC (2026-01-31), or a moment in ISO 8601")],
    customers: Annotated[bool, typer.Option("--customers", help="show who stayed, entered and left")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
    project: ProjectOption = PROJECT,
) -> None:
    """Compute a segment as of an earlier day and compare it with what the last run built.

    Builds in schemas of its own, which are dropped at the end; nothing that is live is touched.
    """
    settings = load_settings()
    moment = _moment(on, settings.as_of or datetime.now(UTC))
    with warehouse_errors():
        warehouse = Warehouse.open(settings)
        manifest = live_manifest(warehouse, settings, project)
        nodes = _segments(manifest)
        if segment not in nodes:
            raise fail(f"there is no segment {segment}{nearest(segment, nodes, many=0)}")
        meta = nodes[segment]["config"]["meta"]
        held_by = sorted(
            name for name, node in nodes.items() if node["config"]["meta"].get("holds_back") == "marketing"
        )
        held_by = held_by if meta["purpose"] == "marketing" and segment not in held_by else []
        for name in (segment, *held_by):
            if not warehouse.has_table("segments", f"seg_{name}"):
                raise fail(f"the segment {name} has not been built yet: `braid run` first.")
        models = depends_on_now(manifest, [f"seg_{name}" for name in (segment, *held_by)])
        with built_as_of(warehouse, settings, models, moment, project) as prefix:
            found = compare(warehouse, segment, held_by, Scratch(prefix, frozenset(models)), customers=customers)
    rule = meta.get("rule") or {}
    if as_json:
        typer.echo(json.dumps(_document(found, segment, moment, rule, customers=customers), indent=2))
        return
    _show(found, segment, moment)
    if customers:
        for change in found.changes:
            values = "; ".join(told_values(rule, change.reason))
            console.print(f"  {change.change:8}{change.customer_id}  {values}", markup=False, highlight=False)


def _moment(written: str, now: datetime) -> datetime:
    """The moment meant: the end of a day, or the moment itself.

    Raises:
        typer.Exit: if it is none, or lies in the future.
    """
    try:
        if len(written) <= len("2026-01-31"):
            day = date.fromisoformat(written)
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
            begun = moment - timedelta(days=1)
        else:
            moment = datetime.fromisoformat(written)
            begun = moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise fail(f"{written} is no day of the calendar; write it as 2026-01-31.") from None
    if begun > now:
        raise fail(f"{written} is in the future; a backtest looks back.")
    return min(moment, now)


def _segments(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        node["name"].removeprefix("seg_"): node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"].startswith("seg_")
    }


def _show(found: Backtest, segment: str, moment: datetime) -> None:
    console.print(f"[bold]{segment}[/] as of {moment:%Y-%m-%d %H:%M} UTC, beside the last run", highlight=False)
    table = Table("", "customers", "held back", box=None, pad_edge=False)
    table.add_row("then", f"{found.size_then:,}", f"{found.held_back_then:,}")
    table.add_row("now", f"{found.size_now:,}", f"{found.held_back_now:,}")
    console.print(table)
    console.print(
        f"{found.stayed:,} were in it then and are now, {found.entered:,} entered since, {found.left:,} left.",
        highlight=False,
    )
    console.print(_TODAYS, style="dim", highlight=False)


def _document(
    found: Backtest, segment: str, moment: datetime, rule: dict[str, Any], *, customers: bool
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "segment": segment,
        "as_of": moment.isoformat(),
        "then": found.size_then,
        "now": found.size_now,
        "held_back_then": found.held_back_then,
        "held_back_now": found.held_back_now,
        "stayed": found.stayed,
        "entered": found.entered,
        "left": found.left,
        "note": _TODAYS,
    }
    if customers:
        document["customers"] = [
            {"customer_id": change.customer_id, "change": change.change, "seen": told_values(rule, change.reason)}
            for change in found.changes
        ]
    return document
