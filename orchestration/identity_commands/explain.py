"""`braid identity explain`: why records are one customer, or are not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from identity.artifact import ModelMismatch
from identity.ledger import resolve_id
from identity.why.customer import explain_customer
from identity.why.pair import explain_pair
from identity.why.picture import picture
from identity.why.words import customer_lines, pair_lines, to_json
from orchestration.identity_case import CaseReader, NothingPublished
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse

_WHERE_RECORDS_ARE: Final = "identity.identity_records has every record id"


def register(app: typer.Typer) -> None:
    """Add `explain` to `braid identity`."""
    app.command()(explain)


def explain(
    subject: Annotated[str, typer.Argument(metavar="RECORD|CUSTOMER", help="a record id or a customer id")],
    other: Annotated[str | None, typer.Argument(metavar="[RECORD]", help="a second record id")] = None,
    html: Annotated[Path | None, typer.Option(help="where to write a picture of the customer, .html")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
    show_values: Annotated[bool, typer.Option(help="show names, addresses and dates as they are")] = False,
) -> None:
    """Why records are one customer, or are not: every comparison, the weakest links, who came near.

    Given a record and another one: what was compared, with bits and values, and what keeps them apart. Given a customer
    or one record: what holds the customer together. Values are masked unless --show-values is given.
    """
    if html is not None and other is not None:
        raise fail("--html draws one customer: give a customer id or one record.")
    with warehouse_errors():
        warehouse = Warehouse.open(load_settings())
        try:
            with warehouse.transaction() as transaction:
                reader = CaseReader(transaction)
                if other is None:
                    _customer(reader, subject, html, as_json=as_json, show_values=show_values)
                else:
                    _pair(reader, subject, other, as_json=as_json, show_values=show_values)
        except NothingPublished as error:
            raise fail(f"{error}.") from None
        except ModelMismatch as error:
            raise fail(f"{error}: `braid run` does, and publishes what can be explained again.") from None


def _pair(reader: CaseReader, record_a: str, record_b: str, *, as_json: bool, show_values: bool) -> None:
    if record_a == record_b:
        raise fail("the same record was given twice; give two different ones.")
    for record in (record_a, record_b):
        if not reader.is_record(record):
            hint = "it is a customer: explain it alone" if reader.is_customer(record) else _WHERE_RECORDS_ARE
            raise fail(f"there is no record {record}; {hint}.")
    explained = explain_pair(reader.of_pair(record_a, record_b), record_a, record_b, show_values=show_values)
    _say(to_json(explained) if as_json else "\n".join(pair_lines(explained)))


def _customer(reader: CaseReader, subject: str, html: Path | None, *, as_json: bool, show_values: bool) -> None:
    customer_id = _customer_meant(reader, subject)
    explained, anatomy = explain_customer(reader.of_customer(customer_id), customer_id, show_values=show_values)
    if html is not None:
        try:
            html.parent.mkdir(parents=True, exist_ok=True)
            html.write_text(picture(explained, anatomy), encoding="utf-8")
        except OSError as error:
            raise fail(f"{html} cannot be written: {error.strerror}.") from None
        if not as_json:
            _say(f"Picture written to {html}")
    _say(to_json(explained) if as_json else "\n".join(customer_lines(explained)))


def _customer_meant(reader: CaseReader, subject: str) -> str:
    """The living customer that a customer id or a record id leads to."""
    if reader.is_customer(subject):
        return subject
    if reader.is_record(subject):
        customer = reader.customer_of(subject)
        if customer is None:
            raise fail(f"record {subject} is newer than the last run: `braid run` gives it a customer.")
        return customer
    try:
        found = resolve_id(reader.ledger(), subject)
    except KeyError:
        raise fail(
            f"{subject} is neither a record nor a customer id that was ever issued; {_WHERE_RECORDS_ARE}, and "
            "identity.customer_ledger every customer id."
        ) from None
    if found.customer_id is None:
        parts = f"; records of it may have gone to {', '.join(found.siblings)}" if found.siblings else ""
        raise fail(f"customer {subject} is retired: every record of it is gone{parts}.")
    typer.echo(f"customer {subject} was merged into {found.customer_id}:", err=True)
    return found.customer_id


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, emoji=False)
