"""What a person typed, as a segment and a customer of the warehouse; or an error that says what comes near."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from activation.audiences.problems import nearest
from identity.ledger import resolve_id
from orchestration.identity_store import IdentityStore
from orchestration.terminal import console, fail
from orchestration.warehouse import Warehouse

_NEEDED = ("segment_catalogue", "segment_memberships", "segment_sizes", "segment_why")


def rows(warehouse: Warehouse, query: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
    """The rows of a query; jsonb comes as text."""
    found: list[dict[str, Any]] = warehouse.read(query, parameters).to_pylist()
    return found


def check_built(warehouse: Warehouse) -> None:
    """Stop with an error when no run has built segments yet."""
    if not all(warehouse.has_table("segments", table) for table in _NEEDED):
        raise fail("no segments have been built yet: `braid run` does.")


def segment_meant(warehouse: Warehouse, name: str) -> dict[str, Any]:
    """Its line of the catalogue: segment, label, description, purpose, size.

    Raises:
        typer.Exit: if there is no such segment; the error names the nearest.
    """
    query = "select segment, label, description, purpose, size from segments.segment_catalogue order by segment"
    catalogue = {row["segment"]: row for row in rows(warehouse, query)}
    if name not in catalogue:
        raise fail(f"there is no segment {name}{nearest(name, catalogue, many=0)}")
    return catalogue[name]


def customer_meant(warehouse: Warehouse, customer_id: str) -> str:
    """The living customer that an id stands for; a merged id leads to its successor, and says so.

    Raises:
        typer.Exit: if the id was never issued, or every record of it is gone.
    """
    known = "select 1 as found from segments.customer_features where customer_id = $1"
    if rows(warehouse, known, (customer_id,)):
        return customer_id
    store = IdentityStore(warehouse)
    if not warehouse.has_table("identity", "customer_ledger") or not store.knows_customer(customer_id):
        raise fail(f"there is no customer {customer_id}{_begin_alike(warehouse, customer_id)}")
    resolved = resolve_id(store.ledger(), customer_id)
    if resolved.customer_id is None:
        parts = f"; records of it may have gone to {', '.join(resolved.siblings)}" if resolved.siblings else ""
        raise fail(f"customer {customer_id} is retired: every record of it is gone{parts}.")
    if resolved.customer_id == customer_id:
        raise fail(f"customer {customer_id} is newer than the segments: `braid run` builds them.")
    typer.echo(f"customer {customer_id} was merged into {resolved.customer_id}:", err=True)
    return resolved.customer_id


def merged_into(warehouse: Warehouse, customer_id: str) -> str | None:
    """The living customer that an id was merged into; null when it lives itself, is retired, or was never issued."""
    if not warehouse.has_table("identity", "customer_ledger"):
        return None
    store = IdentityStore(warehouse)
    if not store.knows_customer(customer_id):
        return None
    found = resolve_id(store.ledger(), customer_id).customer_id
    return None if found == customer_id else found


def say(text: str) -> None:
    """Print text as it is."""
    console.print(text, markup=False, highlight=False, emoji=False)


def _begin_alike(warehouse: Warehouse, customer_id: str) -> str:
    query = (
        "select customer_id from segments.customer_features where starts_with(customer_id, $1) order by customer_id "
        "limit 3"
    )
    for length in (len(customer_id), 8, 6):
        found = [row["customer_id"] for row in rows(warehouse, query, (customer_id[:length],))] if customer_id else []
        if found:
            return f"; there are {', '.join(found)}"
    return "; `braid identity who --email …` finds one by what is known of them."
