"""Which cluster inherits which id, from the records that they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from identity.holdings import Holdings
from identity.ledger import Bools, Ints

NEW: Final = -1
OPEN: Final = -2


@dataclass(frozen=True)
class Inheritance:
    """Who inherited what. Clusters are named by the place of their smallest record, ids by their place of issue.

    `customer`: the id of each record; one beyond those issued is new, in the order of the founders. `founders`: every
    cluster, sorted; `minted`: whether its id is new.

    One row per cluster and id that have records in common, best claim first: `cluster`, `identity`, `records` (held by
    it, or when it was retired), `returned` (come back to an id that lives on).
    """

    customer: Ints
    founders: Ints
    minted: Bools
    cluster: Ints
    identity: Ints
    records: Ints
    returned: Ints


def inherit(holdings: Holdings, founder: Ints, settled: Ints | None = None) -> Inheritance:
    """Pair clusters with ids, the largest overlap first, each at most once.

    The records that a living id lost some time ago speak for it only when none that it still had is left: otherwise
    those that stayed decide, and the lost count between overlaps that are the same. Where the records that stayed go is
    thus never a matter of records in other clusters.

    Args:
        holdings: who holds and claims the records.
        founder: the place of the smallest record of each record's cluster.
        settled: what is no longer asked, per record: the id of its cluster, `NEW`, or `OPEN`. Null: all is open.
    """
    cluster, identity, records, returned = _overlaps(holdings, founder)
    founders = np.flatnonzero(founder == np.arange(len(founder)))
    customer = np.full(len(founder), -1, dtype=np.int64)
    taken = np.zeros(len(holdings.issued.customer_ids), dtype=np.bool_)
    stayed = holdings.elsewhere.copy()
    stayed[identity[records > 0]] = True
    left = np.flatnonzero((records > 0) | ~stayed[identity])
    if settled is not None:
        inherited = settled >= 0
        customer[inherited] = settled[inherited]
        taken[settled[inherited]] = True
        left = left[(settled[cluster[left]] == OPEN) & ~taken[identity[left]]]
    while len(left):
        # An overlap that is first for its cluster and first for its id cannot be outbid by any that is left.
        best = left[_first(cluster[left], len(founder)) & _first(identity[left], len(taken))]
        customer[cluster[best]] = identity[best]
        taken[identity[best]] = True
        left = left[(customer[cluster[left]] < 0) & ~taken[identity[left]]]
    minted = customer[founders] < 0
    customer[founders[minted]] = len(taken) + np.arange(minted.sum())
    return Inheritance(customer[founder], founders, minted, cluster, identity, records, returned)


def _overlaps(holdings: Holdings, founder: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    place = np.concatenate([holdings.held, holdings.claimed])
    identity = np.concatenate([holdings.holder, holdings.claimant])
    back = np.arange(len(place)) >= len(holdings.held)
    weak = back & (holdings.issued.state[identity] == "living")
    ids = max(len(holdings.issued.customer_ids), 1)
    pairs, row = np.unique(founder[place] * ids + identity, return_inverse=True)
    records = np.bincount(row[~weak], minlength=len(pairs))
    returned = np.bincount(row[weak], minlength=len(pairs))
    cluster, identity = pairs // ids, pairs % ids
    order = np.lexsort((cluster, identity, -returned, -records))
    return cluster[order], identity[order], records[order], returned[order]


def _first(keys: Ints, count: int) -> Bools:
    """Whether a row is the first of its key."""
    first = np.full(count, len(keys), dtype=np.int64)
    np.minimum.at(first, keys, np.arange(len(keys)))
    return np.asarray(first[keys] == np.arange(len(keys)))
