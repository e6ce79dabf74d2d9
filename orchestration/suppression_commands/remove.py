"""`braid suppress remove`: what was suppressed by mistake, or what the person asked to have back."""

from __future__ import annotations

from typing import Annotated

import typer

from activation.consent.suppressions import lift
from activation.database import ActivationError
from orchestration.suppression_commands.asked import Address, By, Customer, connected
from orchestration.suppression_commands.asked import whom as asked_for
from orchestration.terminal import console, whoever_types


def register(group: typer.Typer) -> None:
    """Add `remove` to `braid suppress`."""
    group.command()(remove)


def remove(
    suppression_id: Annotated[int | None, typer.Argument(metavar="[ID]", help="the id that `list` shows")] = None,
    customer: Customer = None,
    address: Address = None,
    by: By = None,
) -> None:
    """Lift one suppression by its id, or all of a customer or an address. It grants nothing: consent still decides."""
    with connected() as (connection, settings):
        if suppression_id is not None and (customer is not None or address is not None):
            raise ActivationError("give an id, or a customer or an address, not both")
        one = None if suppression_id is not None else asked_for(settings, customer, address)
        lifted = lift(connection, whoever_types(by), suppression_id=suppression_id, whom=one)
        if not lifted:
            raise ActivationError("nothing was lifted: no such suppression holds; `braid suppress list` shows them")
    console.print(f"{lifted} lifted; their rows stay in the list with --ended.", highlight=False)
