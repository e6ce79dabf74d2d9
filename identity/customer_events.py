"""What happened to customer ids in a run, as rows of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from identity.contract import CUSTOMER_LEDGER
from identity.holdings import Holdings
from identity.inheritance import Inheritance
from identity.ledger import Bools, Ints


def tell(holdings: Holdings, inheritance: Inheritance, ids: pa.StringArray, *, run_id: str, now: datetime) -> pa.Table:
    """The rows to append, in an order that can be read as a story.

    An id exists before anything comes to it; records that leave an id go before others are merged into it.

    Args:
        holdings: who held and claimed the records before.
        inheritance: who inherited what.
        ids: every id, those issued before and then the new ones.
        run_id: written to the events.
        now: written to the events.
    """
    source, target = inheritance.identity, inheritance.customer[inheritance.cluster]
    strong = inheritance.records > 0
    inherited = np.zeros(len(ids), dtype=np.bool_)
    inherited[inheritance.customer] = True
    # An id that no cluster inherited is merged into the cluster that took most of its records.
    merged = _first_of(source, strong & ~inherited[source])
    # A new id whose records came from another is the sibling of a split.
    split = _first_of(target, target >= len(holdings.issued.customer_ids))
    moved = (source != target) & ~merged & ~split
    retires = (holdings.issued.state == "living") & ~inherited[: len(holdings.issued.customer_ids)]
    retires[source[strong]] = False
    retires &= ~holdings.elsewhere
    back = inherited[: len(retires)] & (holdings.issued.state == "retired")
    founders = inheritance.founders[inheritance.minted]
    went = _movements(holdings, inheritance, source, target)
    left = ~retires[holdings.loser] & ~holdings.told
    losers = np.unique(holdings.loser[left])
    over = np.flatnonzero(retires)
    story = [
        _Event("minted", inheritance.customer[founders], None, holdings.record_ids.take(pa.array(founders))),
        _Event("revived", np.flatnonzero(back)),
        _Event("split", target[split], source[split], None, went.filter(pa.array(split))),
        _Event("moved", source[moved], target[moved], None, went.filter(pa.array(moved))),
        _Event("merged", source[merged], target[merged], None, went.filter(pa.array(merged))),
        _Event("left", losers, None, None, _losses(holdings, losers, left)),
        _Event("retired", over, None, None, _losses(holdings, over, retires[holdings.loser])),
    ]
    return pa.concat_tables(_rows(event, ids, run_id, now) for event in story)


@dataclass(frozen=True)
class _Event:
    """Rows of one kind; ids by their places."""

    name: str
    own: Ints
    related: Ints | None = None
    founding: pa.Array | None = None
    records: pa.Array | None = None


def _rows(event: _Event, ids: pa.StringArray, run_id: str, now: datetime) -> pa.Table:
    rows = len(event.own)
    columns = {
        "run_id": pa.repeat(run_id, rows),
        "event": pa.repeat(event.name, rows),
        "customer_id": ids.take(pa.array(event.own)),
        "related_customer_id": pa.nulls(rows, pa.string())
        if event.related is None
        else ids.take(pa.array(event.related)),
        "founding_record_id": event.founding,
        "occurred_at": pa.repeat(pa.scalar(now, CUSTOMER_LEDGER.field("occurred_at").type), rows),
        "record_ids": event.records,
    }
    arrays = [
        pa.nulls(rows, field.type) if columns[field.name] is None else columns[field.name] for field in CUSTOMER_LEDGER
    ]
    table = pa.table(arrays, schema=CUSTOMER_LEDGER)
    return table.sort_by([("customer_id", "ascending"), ("related_customer_id", "ascending")])


def _first_of(keys: Ints, among: Bools) -> Bools:
    """Whether a row is the first of its key among those; best claims come first."""
    rows = np.flatnonzero(among)
    _, first = np.unique(keys[rows], return_index=True)
    chosen = np.zeros(len(keys), dtype=np.bool_)
    chosen[rows[first]] = True
    return chosen


def _movements(holdings: Holdings, inheritance: Inheritance, source: Ints, target: Ints) -> pa.ListArray:
    """For each pair of ids that are not the same, the records that went from one to the other."""
    place = np.concatenate([holdings.held, holdings.claimed])
    came, went = np.concatenate([holdings.holder, holdings.claimant]), inheritance.customer[place]
    changed = np.flatnonzero(came != went)
    width = len(inheritance.customer) + len(holdings.issued.customer_ids)
    pairs = source * width + target
    order = np.argsort(pairs)
    # Every pair of ids that a record went between shares that record, so it is among the overlaps.
    row = order[np.searchsorted(pairs[order], came[changed] * width + went[changed])]
    sequence = np.lexsort((place[changed], row))
    values = holdings.record_ids.take(pa.array(place[changed][sequence]))
    return _lists(values, row[sequence], len(pairs))


def _losses(holdings: Holdings, losers: Ints, which: Bools) -> pa.ListArray:
    """For each id, sorted, those of the records that are gone."""
    rows = np.flatnonzero(which)
    row = np.searchsorted(losers, holdings.loser[rows])
    sequence = np.argsort(row, kind="stable")
    return _lists(holdings.gone.take(pa.array(rows[sequence])), row[sequence], len(losers))


def _lists(values: pa.Array, row: Ints, rows: int) -> pa.ListArray:
    """A list per row from values that are sorted by row; null where there are none."""
    offsets = np.searchsorted(row, np.arange(rows + 1)).astype(np.int32)
    empty = pa.array(offsets[1:] == offsets[:-1])
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=empty)
