"""Who holds or claims each record when a run begins: the last run's customers, and what the ledger remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import Column, one_array
from identity.ledger import Bools, Ints, Issued, places_of, replay

# Events that name records, and the column that says which id has (or, when they are gone, claims) them since.
_HOLDER: Final = {
    "split": "customer_id",
    "left": "customer_id",
    "retired": "customer_id",
    "merged": "related_customer_id",
    "moved": "related_customer_id",
}


@dataclass(frozen=True)
class Holdings:
    """The records of a run, sorted, and the ids that have a claim on them. Ids are places in `issued`.

    `held`, `holder`: places of the records that the last run assigned, and the ids it gave them. `claimed`, `claimant`:
    places of the records that come back, and the id that had each of them last. `gone`, `loser`: the records that the
    last run assigned and this one did not meet, sorted, and their ids; `told` where the ledger says so already.
    `elsewhere`: per issued id, whether it has records that the run did not look at.
    """

    issued: Issued
    record_ids: pa.StringArray
    held: Ints
    holder: Ints
    claimed: Ints
    claimant: Ints
    gone: pa.StringArray
    loser: Ints
    told: Bools
    elsewhere: Bools

    @property
    def customers(self) -> Ints:
        """The ids that the last run gave to the records looked at, sorted."""
        there = np.zeros(len(self.issued.customer_ids), dtype=np.bool_)
        there[self.holder] = True
        there[self.loser] = True
        return np.flatnonzero(there)

    @property
    def customer_count(self) -> int:
        """How many customers the last run left, those included that this one did not look at."""
        return len(self.customers) + int(self.elsewhere.sum())


def look_up(
    record_ids: pa.StringArray, previous: pa.Table | None, ledger: pa.Table | None, scope: Column | None = None
) -> Holdings:
    """Find who holds or claims the records, which are sorted.

    A record that is not among those of the last run is claimed by the id that the ledger named last for it: the id that
    was minted from it, that it split off with, was merged or moved into, or left. Where that id was merged since, the
    claim is its successor's; where it was erased, nobody's.

    Args:
        record_ids: the records of the run.
        previous: `record_id, customer_id` of the last run; null on the first.
        ledger: every event so far, oldest first; null on the first run.
        scope: the records that the run looked at, whole customers, those included that are gone; null is all.

    Raises:
        ValueError: if `previous` holds an id that does not live according to the ledger, or the scope parts a customer.
    """
    issued = replay(ledger)
    if previous is None:
        previous = pa.table({name: pa.array([], pa.string()) for name in ("record_id", "customer_id")})
    before = one_array(previous["record_id"]).cast(pa.string())
    holder = issued.places(previous["customer_id"])
    _refuse_strangers(previous, issued, holder)
    elsewhere = np.zeros(len(issued.customer_ids), dtype=np.bool_)
    if scope is not None:
        inside = np.asarray(pc.is_in(before, value_set=one_array(scope).cast(pa.string())), dtype=np.bool_)
        elsewhere[holder[~inside]] = True
        before, holder = before.filter(pa.array(inside)), holder[inside]
        if elsewhere[holder].any():
            parted = len(np.unique(holder[elsewhere[holder]]))
            raise ValueError(f"the scope parts {parted} customers; take in all records of each")
    place = places_of(before, record_ids)
    stays = place >= 0
    gone = before.filter(pa.array(~stays))
    order = pc.sort_indices(gone).to_numpy()
    gone, loser = gone.take(pa.array(order)), holder[~stays][order]
    known = np.zeros(len(record_ids), dtype=np.bool_)
    known[place[stays]] = True
    new = np.flatnonzero(~known)
    # The last word is asked only for those that come or go: of a million records that stay, nobody needs it.
    last = last_word(ledger, issued, pa.concat_arrays([record_ids.take(pa.array(new)), gone]))
    returns = last[: len(new)]
    back = returns >= 0
    return Holdings(
        issued=issued,
        record_ids=record_ids,
        held=place[stays],
        holder=holder[stays],
        claimed=new[back],
        claimant=returns[back],
        gone=gone,
        loser=loser,
        told=last[len(new) :] == loser,
        elsewhere=elsewhere,
    )


def _refuse_strangers(previous: pa.Table, issued: Issued, holder: Ints) -> None:
    living = np.append(issued.state == "living", False)[holder]
    strange = pc.count_distinct(one_array(previous["customer_id"]).filter(pa.array(~living)), mode="all").as_py()
    if strange:
        raise ValueError(
            f"{strange} customer ids of the last run do not live according to the ledger: the two are not of the same"
            " state; restore record_customers and customer_ledger from one backup"
        )


def last_word(ledger: pa.Table | None, issued: Issued, record_ids: pa.StringArray) -> Ints:
    """The id that the ledger named last for each record, merges followed; -1 for none or an erased one."""
    named = np.full(len(record_ids) + 1, -1, dtype=np.int64)
    if ledger is None or not len(record_ids):
        return named[:-1]
    latest = np.full(len(record_ids) + 1, -1, dtype=np.int64)
    rows, holders = [], []
    founded = np.flatnonzero(pc.equal(ledger["event"], "minted").to_numpy())
    mentions: list[Column] = [one_array(ledger["founding_record_id"]).take(pa.array(founded))]
    rows.append(founded)
    holders.append(issued.places(one_array(ledger["customer_id"]).take(pa.array(founded))))
    for event, column in _HOLDER.items():
        listing = np.flatnonzero(pc.equal(ledger["event"], event).to_numpy())
        lists = one_array(ledger["record_ids"]).take(pa.array(listing))
        parents = pc.list_parent_indices(lists).to_numpy()
        mentions.append(pc.list_flatten(lists))
        rows.append(listing[parents])
        holders.append(issued.places(one_array(ledger[column]).take(pa.array(listing)))[parents])
    row, holder = np.concatenate(rows), np.concatenate(holders)
    place = places_of(pa.concat_arrays(mentions), record_ids)
    np.maximum.at(latest, place, row)
    # A record is named at most once by the events of one row, so the row settles the id.
    newest = (latest[place] == row) & (place >= 0)
    named[place[newest]] = holder[newest]
    followed = np.append(np.where(issued.state == "erased", -1, issued.successor), -1)
    return followed[np.where(named >= 0, followed[named], -1)][:-1]
