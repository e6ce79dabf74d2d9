"""What a run would change, as groups of former customers and proposed clusters that have records in common."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from identity.components import connected_components
from identity.holdings import Holdings
from identity.inheritance import Inheritance
from identity.ledger import Bools, Ints
from identity.packed_text import packed

UNTOUCHED: Final = -1


@dataclass(frozen=True)
class Groups:
    """The groups in which anything differs, numbered from 0. Records and clusters by their places, ids by theirs.

    Per record: `group` (or `UNTOUCHED`), `founder` (its proposed cluster), `customer` (its proposed id), `former` (the
    id that it had, -1 when it is new). Per record that is gone: `group_gone`. Per former id of any group: `members`,
    `members_group`; per proposed cluster: `clusters`, `clusters_group`, and `regrouped`: whether no former customer has
    just these records. Per issued id: `kept_size`, how many of its records are still there. `effective`: per group,
    whether holding it makes a difference: removed records are gone whatever is held.
    """

    count: int
    group: Ints
    founder: Ints
    customer: Ints
    former: Ints
    group_gone: Ints
    members: Ints
    members_group: Ints
    clusters: Ints
    clusters_group: Ints
    regrouped: Bools
    kept_size: Ints
    effective: Bools


def group_changes(holdings: Holdings, founder: Ints, inheritance: Inheritance) -> Groups:
    """Find the groups.

    Records that come back tie the id that claims them to their cluster, too: whether a group is held then changes
    nothing for the ids of any other.
    """
    records, ids = len(founder), len(holdings.issued.customer_ids)
    labels = connected_components(records + ids, inheritance.cluster, records + inheritance.identity)
    former = np.full(records, -1, dtype=np.int64)
    former[holdings.held] = holdings.holder
    kept_size = np.bincount(holdings.holder, minlength=ids)
    size = np.bincount(founder, minlength=records)
    clusters = inheritance.founders
    mixed = np.bincount(founder[former != former[founder]], minlength=records) > 0
    alone = np.where(former[clusters] < 0, 1, np.append(kept_size, 0)[former[clusters]])
    regrouped = mixed[clusters] | (size[clusters] != alone)
    differs = np.zeros(records + ids, dtype=np.bool_)
    differs[labels[clusters[regrouped]]] = True
    effective = differs.copy()
    differs[labels[founder[former < 0]]] = True
    differs[labels[records + holdings.loser]] = True
    chosen = np.flatnonzero(differs)
    number = np.full(records + ids, UNTOUCHED, dtype=np.int64)
    number[chosen] = np.arange(len(chosen))
    of = number[labels]
    members = np.unique(np.concatenate([holdings.holder, holdings.loser]))
    members = members[of[records + members] >= 0]
    touched = of[clusters] >= 0
    return Groups(
        count=len(chosen),
        group=of[founder],
        founder=founder,
        customer=inheritance.customer,
        former=former,
        group_gone=of[records + holdings.loser],
        members=members,
        members_group=of[records + members],
        clusters=clusters[touched],
        clusters_group=of[clusters[touched]],
        regrouped=regrouped[touched],
        kept_size=kept_size,
        effective=effective[chosen],
    )


def change_ids(holdings: Holdings, groups: Groups) -> pa.StringArray:
    """The id of each group: a digest of how its records would be regrouped.

    Of the former customers and the proposed clusters, those that the other side has just so are left out, and a new
    record counts like one that was alone so far, removed ones do not count: what was held in one run is thus the same
    change in the next. A group that regroups nothing is named by all its records.
    """
    records = len(groups.founder)
    regroups = np.append(groups.effective, False)[groups.group]
    fresh_cluster = np.zeros(records, dtype=np.bool_)
    fresh_cluster[groups.clusters[groups.regrouped]] = True
    proposed = np.flatnonzero((groups.group >= 0) & (fresh_cluster[groups.founder] | ~regroups))
    # Where one cluster of a former customer was regrouped, all were. One record alone is told by where it is now.
    several = np.append(groups.kept_size > 1, False)[groups.former]
    parted = np.flatnonzero(several & regroups & fresh_cluster[groups.founder])
    lost = np.flatnonzero(~np.append(groups.effective, False)[groups.group_gone])
    first = np.full(len(groups.kept_size), records, dtype=np.int64)
    np.minimum.at(first, groups.former[parted], parted)
    of = np.concatenate([groups.group[proposed], groups.group[parted], groups.group_gone[lost]])
    section = np.repeat([0, 1, 2], [len(proposed), len(parted), len(lost)])
    one_set = np.concatenate([groups.founder[proposed], first[groups.former[parted]], np.zeros(len(lost), np.int64)])
    place = np.concatenate([proposed, parted, records + lost])
    order = np.lexsort((place, one_set, section, of))
    of, section, one_set, place = of[order], section[order], one_set[order], place[order]
    ends = np.ones(len(of), dtype=np.bool_)
    ends[:-1] = (of[1:] != of[:-1]) | (section[1:] != section[:-1]) | (one_set[1:] != one_set[:-1])
    marks = pa.array(["\x1f", "\x1e", "\x1d", "\x1c", "\x1b", "\x1a"]).take(pa.array(2 * section + ends))
    names = pa.concat_arrays([holdings.record_ids, holdings.gone]).take(pa.array(place))
    texts = packed([names, marks], of, groups.count)
    return pa.array(["chg_" + hashlib.blake2b(text.encode(), digest_size=10).hexdigest() for text in texts.to_pylist()])
