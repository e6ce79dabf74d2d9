"""`braid identity resolve`: what a customer id stands for, now or at any moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from identity.ledger import resolve_id
from orchestration.identity_store import IdentityStore
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse


def register(app: typer.Typer) -> None:
    """Add `resolve` to `braid identity`."""
    app.command()(resolve)


def resolve(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="any customer id that was ever issued")],
    as_of: Annotated[
        str | None, typer.Option(help="a moment, for instance 2026-03-01 or 2026-03-01T12:00+01:00; UTC if not said")
    ] = None,
) -> None:
    """What a customer id stands for: itself, the customer it was merged into, or nobody any more."""
    moment = _moment(as_of)
    with warehouse_errors():
        ledger = IdentityStore(Warehouse.open(load_settings())).ledger()
    if not len(ledger):
        raise fail("no customer id has been issued yet: `braid run` issues them.")
    try:
        found = resolve_id(ledger, customer_id, moment)
    except KeyError as error:
        raise fail(f"{error.args[0]}. `select customer_id from identity.customer_ledger` has every id.") from None
    when = "" if moment is None else f" (as of {moment.isoformat()})"
    words = {
        "living": f"{customer_id} is a customer",
        "redirected": f"{customer_id} was merged: use {found.customer_id}",
        "retired": f"{customer_id} is retired: every record of it is gone",
    }
    console.print(words[found.status] + when, highlight=False, markup=False)
    if found.siblings:
        siblings = ", ".join(found.siblings)
        console.print(f"Records of it may have gone to {siblings} when it was split.", highlight=False, markup=False)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise fail(f"--as-of {text} is no moment; write it like 2026-03-01 or 2026-03-01T12:00+01:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
