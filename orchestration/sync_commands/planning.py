"""`braid sync plan`: what a sync would do now, in counts; nothing is sent and nobody is named."""

from __future__ import annotations

import json

import typer

from activation.sync.planning import SyncPlan, plan_sync
from orchestration.sync_commands.opened import AsJson, Name, connected, find
from orchestration.terminal import console, load_settings


def register(app: typer.Typer) -> None:
    """Add `plan` to `braid sync`."""
    app.command(name="plan")(plan)


def plan(sync: Name, as_json: AsJson = False) -> None:
    """What the next run would add, change and take back, whom the gate leaves out and why, and which cap it breaks."""
    settings = load_settings()
    declared = find(settings, sync)
    with connected(settings) as connection:
        found = plan_sync(connection, declared.block, settings.gate_rules)
    if as_json:
        typer.echo(json.dumps({"sync": sync, **found.counts(), "paused_by": found.paused}, indent=2))
        return
    for line in told(found):
        console.print(line, markup=False, highlight=False)


def told(plan: SyncPlan) -> list[str]:
    """A plan in lines for a person."""
    lines = [
        f"{plan.destination} holds {plan.holds:,} rows. The next run would send {plan.to_send:,}:",
        f"  {plan.added:>9,}  added",
        f"  {plan.changed:>9,}  changed",
        f"  {plan.removed:>9,}  taken back",
        f"  {plan.withdrawn:>9,}  taken back because the person says so (no cap holds these)",
        f"  {plan.unchanged:>9,}  unchanged, not sent",
    ]
    if plan.held:
        lines.append(
            f"  {plan.held:>9,}  were rejected as they are and wait: braid sync dead-letters {plan.destination}"
        )
    if plan.in_doubt:
        lines.append(f"  {plan.in_doubt:>9,}  of these were sent before and not answered; the tool is asked first")
    if plan.removed_because:
        lines.append("Taken back because of:")
        lines += [f"  {number:>9,}  {reason.replace('_', ' ')}" for reason, number in plan.removed_because.items()]
    if plan.left_out:
        lines.append("Left out by the gate:")
        lines += [f"  {number:>9,}  {reason.replace('_', ' ')}" for reason, number in plan.left_out.items()]
    lines += [f"Cap: {cap}. Only `braid sync run {plan.destination} --confirm` sends it." for cap in plan.broken_caps]
    if plan.paused is not None:
        lines.append(
            f"Paused by {plan.paused}: only what people withdraw is sent. braid sync resume {plan.destination}"
        )
    return lines
