"""Whom a command of `braid suppress` is about: a customer, or an address, which is neither shown nor kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from activation.consent.suppressions import CHANNELS, PURPOSES, Listed, Reason, Suppression
from activation.database import ActivationError, Connection
from orchestration.settings import Settings
from orchestration.terminal import fail, load_settings, warehouse_errors

Customer = Annotated[str | None, typer.Option(help="a customer id; without it an address is asked for")]
Address = Annotated[
    str | None,
    typer.Option(help="an e-mail address or phone number; `-` reads it from standard input, and no option asks for it"),
]
Channel = Annotated[str | None, typer.Option(help=f"{', '.join(CHANNELS)}; all of them if not said")]
Purpose = Annotated[str | None, typer.Option(help=f"{' or '.join(PURPOSES)}; both if not said")]
Why = Annotated[Reason, typer.Option("--reason", help="bounced is of the address alone, the others of the person")]
By = Annotated[str | None, typer.Option("--by", help="who asked for it; your user name if not said")]

EVERYTHING: Final = "all"


def whom(settings: Settings, customer: str | None, address: str | None, **other: Any) -> Suppression:
    """The customer or the address that a command names; asks for an address, unseen, when it names none.

    Raises:
        ActivationError: if both are given, or the address is none.
    """
    if customer is not None and address is not None:
        raise ActivationError("give --customer or --address, not both")
    if customer is not None:
        return Suppression(customer_id=customer.strip(), **other)
    if address == "-":
        address = sys.stdin.readline()
    elif address is None:
        # Unseen, so that it stays in no scrollback and no recording of the terminal.
        address = typer.prompt("E-mail address or phone number (not shown)", hide_input=True)
    return Suppression.of_address(str(address).strip(), settings.default_region, **other)


@contextmanager
def connected() -> Iterator[tuple[Connection, Settings]]:
    """The warehouse and the settings of the environment; what goes wrong is said in one line, without the input."""
    from orchestration.warehouse import Warehouse

    settings = load_settings()
    with warehouse_errors(), closing(Warehouse.open(settings).connect()) as connection:
        try:
            yield connection, settings
        except ActivationError as error:
            raise fail(str(error)) from None


def in_words(one: Suppression | Listed) -> str:
    """What is suppressed, without the address."""
    subject = (
        f"customer {one.customer_id}"
        if one.customer_id
        else {"email": "an e-mail address"}.get(str(one.kind), "a phone number")
    )
    return f"{subject}, {one.channel or 'every channel'}, {one.purpose or 'marketing and service'}"


def day(moment: datetime | None) -> str:
    """A moment as a person reads it; empty when there is none."""
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
