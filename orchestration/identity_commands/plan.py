"""`braid identity plan | apply | hold | release`: what a run would do to customers, and a person's word on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import pyarrow as pa
import typer
from rich.markup import escape
from rich.table import Table

from identity.calibration import CalibrationMismatch
from identity.contract import PLAN_CHANGES
from identity.plan_decisions import Decision, new_decision
from orchestration.identity_plans import PlanHead, notable
from orchestration.identity_run import PlanRefused, inputs_of_plan, propose, publish, read_inputs
from orchestration.identity_store import IdentityStore
from orchestration.plan_words import SHOWN, downstream, largest, one_line
from orchestration.settings import Settings
from orchestration.terminal import console, fail, load_settings, warehouse_errors, whoever_types
from orchestration.warehouse import Warehouse

Why = Annotated[str, typer.Option("--why", help="the reason, for whoever reads this later")]
By = Annotated[str | None, typer.Option("--by", help="who decides; the user of this terminal if not said")]


def register(app: typer.Typer) -> None:
    """Add `plan`, `apply`, `hold` and `release` to `braid identity`."""
    for command in (plan, apply, hold, release):
        app.command()(command)


def plan(
    as_json: Annotated[bool, typer.Option("--json", help="the plan and its changes as JSON")] = False,
    show: Annotated[int, typer.Option(help="how many changes the table shows", min=1)] = SHOWN,
    new_model: Annotated[bool, typer.Option("--new-model", help="train a model on the records of today")] = False,
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="what `review calibrate` wrote: use its threshold and probabilities", exists=True, dir_okay=False
        ),
    ] = None,
) -> None:
    """Compute what the records at hand would change for customers, and why; publish nothing.

    Writes the plan, so that `apply` can publish it and `hold` and `release` can name its changes.
    """
    with _identity() as (store, settings):
        _refuse_no_records(store)
        try:
            said = calibration.read_text() if calibration is not None else None
            inputs = read_inputs(store, settings, new_model=new_model, calibration=said)
        except CalibrationMismatch as error:
            raise fail(escape(str(error))) from None
        if inputs.is_published:
            store.plans.forget_waiting()
            head = store.plans.latest()
            changes = store.plans.changes(head.plan_id) if head else PLAN_CHANGES.empty_table()
            changes = changes.filter(changes["held"])
        else:
            proposal = propose(store, inputs, run_id=_run_id())
            head, changes = proposal.head, notable(proposal.plan.changes)
    if as_json:
        typer.echo(_as_json(head, changes, is_published=inputs.is_published))
    elif inputs.is_published:
        console.print("Nothing has changed since the last run: what is live is what would come of it.")
        _print_changes(changes, show, "Held back")
    elif head is not None:
        _print_plan(head, changes, show)


def apply(
    plan_id: Annotated[str | None, typer.Argument(metavar="[PLAN]", help="the one that waits if not said")] = None,
    by: By = None,
) -> None:
    """Publish a plan: all of its changes but those that are held, in one transaction."""
    who = whoever_types(by)
    with _identity() as (store, settings):
        _refuse_no_records(store)
        try:
            head, inputs = inputs_of_plan(store, settings, plan_id)
        except PlanRefused as error:
            raise fail(escape(str(error))) from None
        # Computed again from the same input, which gives the same: a plan holds ids and reasons, not every result.
        proposal = propose(store, inputs, run_id=_run_id())
        replaced = publish(store, proposal, by=who)
    held = sum(proposal.plan.changes["held"].to_pylist())
    written = replaced["record_customers"]
    console.print(
        f"{head.plan_id} is applied: the customer of {written.written:,} records was written, of {written.removed:,} "
        f"removed; {held:,} changes stay held.\nNext: `braid run` builds profiles and segments from it.",
        highlight=False,
    )


def hold(
    target: Annotated[str, typer.Argument(metavar="CHANGE|CUSTOMER|PLAN", help="as `plan` shows it")],
    why: Why,
    by: By = None,
) -> None:
    """Hold a change back, every change of a customer, or all changes of a plan, until they are released."""
    _decide("hold", target, why, by)


def release(
    target: Annotated[str, typer.Argument(metavar="CHANGE|CUSTOMER|PLAN", help="as `plan` shows it")],
    why: Why,
    by: By = None,
) -> None:
    """Let a held change through whatever the bounds say, take back the hold of a customer, or release a whole plan."""
    _decide("release", target, why, by)


def _decide(decision: Decision, target: str, why: str, by: str | None) -> None:
    who = whoever_types(by)
    with warehouse_errors():
        store = IdentityStore(Warehouse.open(load_settings()))
        new = partial(new_decision, decision, decided_by=who, decided_at=datetime.now(UTC), reason=why)
        try:
            if target.startswith("cus_"):
                if not store.knows_customer(target):
                    raise fail(f"no customer id {escape(target)} was ever issued.")
                made = [new(customer_id=target)]
            else:
                made = [new(change=change) for change in _changes(store, decision, target)]
        except ValueError as error:
            raise fail(escape(str(error))) from None
        store.plans.decide(pa.concat_tables(made))
    verb = {"hold": "held back", "release": "released"}[decision]
    what = f"{len(made):,} changes of {target} are" if target.startswith("plan_") else f"{target} is"
    console.print(
        f"{what} {verb}. It counts from the next run on; `braid identity plan` shows it now.", highlight=False
    )


def _changes(store: IdentityStore, decision: Decision, target: str) -> list[dict[str, Any]]:
    """The changes that a target names: one, or those of a plan that the decision is not true of already."""
    if target.startswith("plan_"):
        changes = store.plans.changes(target)
        found: list[dict[str, Any]] = [row for row in changes.to_pylist() if row["held"] == (decision == "release")]
    else:
        found = store.plans.change(target).to_pylist()
        if decision == "hold" and found and store.plans.is_live(target):
            raise fail(f"{escape(target)} is live already: `braid identity unmerge RECORD` takes a merge apart.")
    if not found:
        raise fail(
            f"{escape(target)} is no change, customer or plan with anything to {decision}. `braid identity plan` shows "
            "what there is."
        )
    return found


@contextmanager
def _identity() -> Iterator[tuple[IdentityStore, Settings]]:
    """The tables of identity, held against runs meanwhile."""
    from orchestration.resources import WarehouseResource

    settings = load_settings()
    with warehouse_errors(), WarehouseResource(settings).for_one_run() as held:
        yield IdentityStore(held.open()), settings


def _refuse_no_records(store: IdentityStore) -> None:
    if not store.warehouse.has_table("identity", "identity_records"):
        raise fail("there are no records yet: `braid run` reads the sources and stages them.")


def _run_id() -> str:
    return f"command-{uuid4()}"


def _print_plan(head: PlanHead, changes: pa.Table, show: int) -> None:
    console.print(f"[bold]{head.plan_id}[/]", highlight=False)
    figures = Table(box=None, show_header=False, pad_edge=False)
    for name, value in head.summary.items():
        figures.add_row(name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
    figures.add_row("model", head.model_id)
    console.print(figures)
    _print_changes(changes, show, "\nChanges, the held and the largest first")
    if head.state == "empty":
        console.print("\nNothing would change for any customer.")
        return
    console.print(
        "\nNext: `braid identity apply` publishes what is not held; `hold` and `release` decide about single changes.",
        highlight=False,
    )


def _print_changes(changes: pa.Table, show: int, title: str) -> None:
    if not len(changes):
        return
    console.print(f"[bold]{title}[/]")
    for change in largest(changes, show):
        # A block of lines each: ids are there to be copied, and no terminal is wide enough for two rows of them.
        (name, kind, before, after, records, reasons, held), used = one_line(change), downstream(change)
        console.print(f"{name}  [bold]{kind}[/], {records} records: {escape(reasons)}", highlight=False)
        console.print(f"    {before} → {after}", highlight=False)
        if held:
            console.print(f"    [yellow]held by {escape(held)}[/]", highlight=False)
        if used:
            console.print(f"    in use: {escape(used)}", highlight=False)
    if len(changes) > show:
        console.print(f"… and {len(changes) - show:,} more: --show {len(changes)}", highlight=False)


def _as_json(head: PlanHead | None, changes: pa.Table, *, is_published: bool) -> str:
    rows = [
        {
            **row,
            "before": json.loads(row["before"]),
            "after": json.loads(row["after"]),
            "facts": json.loads(row["facts"]),
        }
        for row in changes.to_pylist()
    ]
    told = None if head is None else {**vars(head), "summary": dict(head.summary)}
    return json.dumps({"is_live": is_published, "plan": told, "changes": rows}, default=str, indent=2)
