"""Plans and receipts of erasures, as a person reads them; nothing in them says who the person was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.table import Column, Table

from activation.privacy.erasure import ErasurePlan, TableOutcome
from activation.privacy.receipts import Receipt
from orchestration.terminal import console


def show_plan(plan: ErasurePlan) -> None:
    """What an erasure would do, and what it cannot do by itself."""
    subject = plan.subject
    whom = "customer" if subject.whole else f"{len(subject.record_ids)} of the records of customer"
    former = len(subject.customer_ids) - 1
    console.print(
        f"Erasing {whom} {subject.customer_id}"
        + (f" (and {former} former ids)" if former and subject.whole else "")
        + f": {len(subject.record_ids)} source records.",
        highlight=False,
    )
    _tables(plan.tables)
    for destination, rows in plan.destinations.items():
        console.print(f"{destination}: {rows} rows are to be deleted there", highlight=False)
    if subject.shared:
        console.print(
            f"{subject.shared} of their e-mails, phones or handles are somebody else's too: those stay with the other, "
            "and are no reason to hold a row back.",
            highlight=False,
        )


def show_sources(plan: ErasurePlan) -> None:
    """Where the person must be deleted by hand: Braid reads these systems, and they would send them again."""
    if not plan.subject.record_ids:
        return
    console.print(
        "\nTheir sources still hold them. Delete them there, or Braid will hold them back at every load:", style="bold"
    )
    for record in plan.subject.record_ids:
        source, _, native = record.partition(":")
        console.print(f"  {source}: {native}", highlight=False, markup=False)
    console.print("This list is kept nowhere: note it now.")


def show_receipt(receipt: Receipt, *, every_table: bool = False) -> None:
    """One receipt."""
    what = "customer" if receipt.scope == "customer" else "some records of customer"
    console.print(
        f"[bold]{receipt.erasure_id}[/]: {what} {receipt.customer_id}, erased {receipt.erased_at:%Y-%m-%d %H:%M}, "
        f"asked for by {receipt.requested_by}",
        highlight=False,
    )
    _tables(receipt.tables, every=every_table)
    if receipt.destinations:
        table = Table("destination", "rows", "state", "why", box=None, pad_edge=False)
        for destination in receipt.destinations:
            when = destination.acknowledged_at
            state = f"acknowledged {when:%Y-%m-%d %H:%M}" if when else destination.state
            by = destination.forgotten_by
            why = f"{by} let this sync go before the tool had acknowledged" if by else destination.reason or ""
            table.add_row(destination.destination, f"{destination.rows:,}", state, why)
        console.print(table)
    if any(destination.waiting for destination in receipt.destinations):
        console.print("What is pending is sent by the next sync of that destination (`braid sync run`).")
    if any(destination.forgotten_at for destination in receipt.destinations):
        console.print("What is forgotten is asked for no more: make sure that the person is deleted there.")
    if receipt.still_sent:
        table = Table("still sent by", "held back", "why", "last", box=None, pad_edge=False)
        for sent in receipt.still_sent:
            table.add_row(f"{sent.source} {sent.stream}", f"{sent.rows:,}", sent.reason, f"{sent.last_at:%Y-%m-%d}")
        console.print(table)
        console.print("Somebody should delete them there.")
    console.print(f"{receipt.tombstones:,} tombstones keep them from coming back.", highlight=False)


def _tables(outcomes: Iterable[TableOutcome], *, every: bool = False) -> None:
    told = list(outcomes)
    place = Column("table", overflow="fold")
    table = Table(place, "outcome", "rows", "why", box=None, pad_edge=False)
    for outcome in told:
        if outcome.rows or every:
            table.add_row(outcome.place, outcome.outcome, f"{outcome.rows:,}", outcome.reason or "")
    console.print(table)
    totals: Counter[str] = Counter()
    for outcome in told:
        totals[outcome.outcome] += outcome.rows
    empty = sum(not outcome.rows for outcome in told)
    words = ", ".join(f"{rows:,} rows {name}" for name, rows in totals.items() if rows) or "nothing"
    console.print(f"{words}; {empty} tables that were looked at hold nothing of them.", highlight=False)
