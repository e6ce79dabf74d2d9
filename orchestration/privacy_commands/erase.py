"""`braid privacy erase`: a person out of every table, and a delete to every destination that holds them."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from activation.database import Connection
from activation.privacy.erasure import ErasurePlan, earlier_erasures, plan_erasure
from activation.privacy.erasure import erase as erase_person
from activation.privacy.receipts import receipt
from activation.privacy.subject import AlreadyErased, find_subject
from orchestration.erased_people import made_key
from orchestration.erasure_aftermath import forget_files, send_deletes
from orchestration.privacy_commands.opened import By, Customer, held, opened
from orchestration.privacy_commands.shown import show_plan, show_receipt, show_sources
from orchestration.settings import Settings
from orchestration.terminal import console, whoever_types


def register(group: typer.Typer) -> None:
    """Add `erase` to `braid privacy`."""
    group.command()(erase)


def erase(
    customer: Customer,
    record: Annotated[
        list[str] | None, typer.Option(help="only this source record, as zendesk:user:7; may be said several times")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="show what would happen, and do nothing")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    by: By = None,
) -> None:
    """Erase a customer: shows what would happen, asks, and does it in one transaction.

    Run again after it was interrupted, it goes on where it stopped.
    """
    asked_by = whoever_types(by)
    with opened() as (connection, settings):
        try:
            shown = _plan(connection, settings, customer, record)
        except AlreadyErased:
            _finish(connection, settings, customer)
            return
        show_plan(shown)
        if plan:
            return
        if not yes:
            typer.confirm("Erase? This cannot be undone.", abort=True)
        key = made_key(settings)
        with held(settings) as warehouse, closing(warehouse.connect()) as alone, console.status("erasing") as status:
            forget_files(settings)
            erasure_id = erase_person(
                alone,
                customer,
                record,
                key,
                default_region=settings.default_region,
                requested_by=asked_by,
                progress=lambda what: status.update(f"erasing: {what}"),
            )
        send_deletes(connection, settings, console)
        show_receipt(receipt(connection, erasure_id))
        show_sources(shown)


def _plan(connection: Connection, settings: Settings, customer: str, records: list[str] | None) -> ErasurePlan:
    with connection.transaction():
        subject = find_subject(connection, customer, records)
    return plan_erasure(connection, subject, settings.default_region)


def _finish(connection: Connection, settings: Settings, customer: str) -> None:
    """What an erasure that was interrupted still had to do; its transaction is the part that cannot be half done."""
    console.print("They were erased before; what was left to do is done now.")
    with held(settings):
        forget_files(settings)
    send_deletes(connection, settings, console)
    with connection.transaction():
        earlier = earlier_erasures(connection, customer)
    for erasure_id in earlier:
        show_receipt(receipt(connection, erasure_id))
