"""Erasing a person from the ledger: the ids never live again, and no event names their records any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import conform, one_array
from identity.contract import CUSTOMER_LEDGER
from identity.holdings import last_word
from identity.ledger import Bools, Ints, Issued, replay
from identity.packed_text import listed

REDACTIONS: Final = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        CUSTOMER_LEDGER.field("founding_record_id"),
        CUSTOMER_LEDGER.field("record_ids"),
    ]
)
"""One row per event to rewrite: its place in the ledger, from 0, and what the two columns must read from now on."""


@dataclass(frozen=True)
class Erasure:
    """`events`: rows to append, per `contract.CUSTOMER_LEDGER`; `redactions`: rows to rewrite, per `REDACTIONS`."""

    events: pa.Table
    redactions: pa.Table


def erase(
    ledger: pa.Table, customer_ids: Sequence[str], *, run_id: str, now: datetime, record_ids: Iterable[str] = ()
) -> Erasure:
    """End the life of ids for ever: those given, and every id that redirects to them.

    Every event of these ids loses its lists of records and the record it was founded by. Where other customers' events
    name the person's records (they came from there), these are taken out of the list. What remains is that the ids
    existed, and when: enough to never issue them again. Records that come back find no claim and get a new id; keeping
    them from coming back is the task of whoever erases.

    The rows of `record_customers` must be deleted together with this: an erased id may not be assigned to records.

    Args:
        ledger: per `contract.CUSTOMER_LEDGER`, oldest event first.
        customer_ids: ids of the person; one that redirects stands for the living one. Erasing again changes nothing.
        run_id: written to the events.
        now: written to the events; with a time zone.
        record_ids: the person's records, as far as they are known; those that the ledger names are found without.

    Raises:
        ValueError: if an id was never issued.
    """
    ledger = conform(ledger, CUSTOMER_LEDGER)
    issued = replay(ledger)
    asked = issued.places(pa.array(list(customer_ids), pa.string()))
    if (asked < 0).any():
        raise ValueError(f"{int((asked < 0).sum())} of the customer ids to erase were never issued")
    doomed = np.isin(issued.successor, issued.successor[asked])
    own, related = (np.append(doomed, False)[issued.places(ledger[f"{side}customer_id"])] for side in ("", "related_"))
    names = _records(ledger, own | related, issued, issued.successor[asked], record_ids)
    new = np.flatnonzero(doomed & (issued.state != "erased"))
    return Erasure(
        events=pa.table(
            {
                "run_id": pa.repeat(run_id, len(new)),
                "event": pa.repeat("erased", len(new)),
                "customer_id": issued.customer_ids.take(pa.array(new)),
                "related_customer_id": pa.nulls(len(new), pa.string()),
                "founding_record_id": pa.nulls(len(new), pa.string()),
                "occurred_at": pa.repeat(pa.scalar(now, CUSTOMER_LEDGER.field("occurred_at").type), len(new)),
                "record_ids": pa.nulls(len(new), CUSTOMER_LEDGER.field("record_ids").type),
            },
            schema=CUSTOMER_LEDGER,
        ).sort_by("customer_id"),
        redactions=_redact(ledger, own, names),
    )


def _records(ledger: pa.Table, about: Bools, issued: Issued, heads: Ints, record_ids: Iterable[str]) -> pa.Array:
    """The person's records: those said to be, and of those named with the ids the ones that nobody has had since."""
    events = ledger.filter(pa.array(about))
    named = pc.unique(
        pa.concat_arrays([one_array(events["founding_record_id"]), pc.list_flatten(one_array(events["record_ids"]))])
    ).drop_null()
    theirs = np.isin(last_word(ledger, issued, named), heads)
    return pa.concat_arrays([named.filter(pa.array(theirs)), pa.array(list(record_ids), pa.string())])


def _redact(ledger: pa.Table, own: Bools, names: pa.Array) -> pa.Table:
    founder, lists = one_array(ledger["founding_record_id"]), one_array(ledger["record_ids"])
    founder_goes = pc.is_valid(founder).to_numpy(zero_copy_only=False) & (own | _among(founder, names))
    row = pc.list_parent_indices(lists).to_numpy()
    values = pc.list_flatten(lists)
    value_goes = own[row] | _among(values, names)
    rewritten = founder_goes.copy()
    rewritten[row[value_goes]] = True
    positions = np.flatnonzero(rewritten)
    place = np.cumsum(rewritten) - 1
    kept = rewritten[row] & ~value_goes
    remaining = listed(values.filter(pa.array(kept)), place[row[kept]], len(positions))
    empty = pc.equal(pc.list_value_length(remaining), 0)
    return pa.table(
        {
            "position": pa.array(positions, pa.int64()),
            "founding_record_id": pc.if_else(pa.array(founder_goes), None, founder).take(pa.array(positions)),
            "record_ids": pc.if_else(empty, None, remaining),
        },
        schema=REDACTIONS,
    )


def _among(values: pa.Array, names: pa.Array) -> Bools:
    return np.asarray(pc.is_in(values, value_set=names, skip_nulls=True), dtype=np.bool_)
