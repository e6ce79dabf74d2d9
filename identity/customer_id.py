"""Permanent customer ids: inherited by the cluster that shares the most records, redirected on merge, never reused."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import one_array
from identity.customer_events import tell
from identity.holdings import Holdings, look_up
from identity.inheritance import Inheritance, inherit
from identity.ledger import Ints

_PREFIX: Final = "cus_"


@dataclass(frozen=True)
class Assignment:
    """The customer of every record, and how much moved.

    `customers`: `record_id, customer_id`, sorted by `record_id`; `events`: rows to append to the ledger, in their
    order. Of the `seen_before` records that the last run assigned and this one met again, `kept` have the same id.
    """

    customers: pa.Table
    events: pa.Table
    seen_before: int
    kept: int

    @property
    def stability(self) -> float:
        """Share of the records seen before that kept their customer id; 1 when none was seen before."""
        return self.kept / self.seen_before if self.seen_before else 1.0


def mint(founding_record_id: str, attempt: int = 0) -> str:
    """The id that a customer founded by this record gets: the same on every machine and in every repetition."""
    seed = founding_record_id if attempt == 0 else f"{founding_record_id}#{attempt}"
    digest = hashlib.sha256(seed.encode()).digest()[:10]
    return _PREFIX + base64.b32encode(digest).decode().lower()


def assign(
    clusters: pa.Table,
    previous: pa.Table | None,
    ledger: pa.Table | None,
    *,
    run_id: str,
    now: datetime,
) -> Assignment:
    """Give every cluster its permanent id.

    A cluster inherits the id that it shares the most records with; an id goes to the cluster that holds most of its
    records. Ties go to the id that was minted first, then to the cluster with the smallest record. An id that loses its
    records to another cluster's id is merged into it, for ever; a cluster that came out of a customer without
    inheriting is its split sibling. An id whose records are all gone is retired, and keeps its claim on them: when they
    come back it takes part as if they had never left, and is revived (or merged, if they now are somebody else's). A
    record that left an id which lives on is claimed by it too: it comes back to it, unless the records that stayed are
    in another cluster by then, or those that it comes back with speak for another id.

    Args:
        clusters: `record_id, cluster` (any value that is equal within a cluster), one row per record.
        previous: `record_id, customer_id` of the last run; null on the first.
        ledger: every event so far, oldest first, per `contract.CUSTOMER_LEDGER`; null on the first run.
        run_id: written to the events.
        now: written to the events; with a time zone.

    Raises:
        ValueError: if `previous` holds an id that does not live according to the ledger.
    """
    record_ids, founder = founded(clusters)
    holdings = look_up(record_ids, previous, ledger)
    return settle(holdings, founder, run_id=run_id, now=now)[0]


def founded(clusters: pa.Table) -> tuple[pa.StringArray, Ints]:
    """The records, sorted, and for each the place of its cluster's smallest record, so that no label can matter."""
    record_ids, labels = one_array(clusters["record_id"]).cast(pa.string()), one_array(clusters["cluster"])
    if not pc.all(pc.less(record_ids[:-1], record_ids[1:]), min_count=0).as_py():
        order = pc.sort_indices(record_ids)
        record_ids, labels = record_ids.take(order), labels.take(order)
    codes = labels.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.full(codes.max(initial=-1) + 1, len(codes), dtype=np.int64)
    np.minimum.at(first, codes, np.arange(len(codes)))
    return record_ids, first[codes]


def settle(
    holdings: Holdings, founder: Ints, settled: Ints | None = None, *, run_id: str, now: datetime
) -> tuple[Assignment, Inheritance]:
    """The ids of clusters given by their founders, and who inherited what: see `assign` and `inherit`."""
    inheritance = inherit(holdings, founder, settled)
    founders = inheritance.founders[inheritance.minted]
    new = _mint(holdings.record_ids.take(pa.array(founders)), holdings.issued.customer_ids)
    ids = pa.concat_arrays([holdings.issued.customer_ids, new])
    customer = inheritance.customer
    assignment = Assignment(
        customers=pa.table({"record_id": holdings.record_ids, "customer_id": ids.take(pa.array(customer))}),
        events=tell(holdings, inheritance, ids, run_id=run_id, now=now),
        seen_before=len(holdings.held),
        kept=int((customer[holdings.held] == holdings.holder).sum()),
    )
    return assignment, inheritance


def _mint(founders: pa.StringArray, issued: pa.StringArray) -> pa.StringArray:
    """A new id for each founder, none of them issued before."""
    names: list[str] = founders.to_pylist()
    new = [mint(name) for name in names]
    taken = np.flatnonzero(pc.is_in(pa.array(new, pa.string()), value_set=issued).to_numpy(zero_copy_only=False))
    used = {*issued.to_pylist(), *new} if len(taken) else set()
    for row in taken:
        attempt = 1
        while (candidate := mint(names[row], attempt)) in used:
            attempt += 1
        used.add(candidate)
        new[row] = candidate
    return pa.array(new, pa.string())
