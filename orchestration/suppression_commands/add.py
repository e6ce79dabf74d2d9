"""`braid suppress add`: from now on, whatever was agreed."""

from __future__ import annotations

from typing import Annotated

import typer

from activation.consent.suppression_file import moment_of
from activation.consent.suppressions import Reason, suppress
from orchestration.suppression_commands.asked import Address, By, Channel, Customer, Purpose, Why, connected, in_words
from orchestration.suppression_commands.asked import whom as asked_for
from orchestration.terminal import console, whoever_types


def register(group: typer.Typer) -> None:
    """Add `add` to `braid suppress`."""
    group.command()(add)


def add(
    customer: Customer = None,
    address: Address = None,
    channel: Channel = None,
    purpose: Purpose = None,
    reason: Why = Reason.COMPANY,
    until: Annotated[str | None, typer.Option(help="when it ends, as 2027-01-31; never if not said")] = None,
    by: By = None,
) -> None:
    """Suppress a customer or an address. The gate honours it at once; the next sync takes back what tools hold."""
    with connected() as (connection, settings):
        end = moment_of(until) if until else None
        one = asked_for(settings, customer, address, channel=channel, purpose=purpose, reason=reason, until=end)
        new = suppress(connection, [one], whoever_types(by))
    how = "is suppressed from now on" if new else "was suppressed already"
    console.print(
        f"{in_words(one)}: {how}. `braid sync run` takes back what tools hold.", highlight=False, markup=False
    )
