"""What a run would change, as groups of former customers and proposed clusters that have records in common."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from identity.components import connected_components
from identity.holdings import Holdings
from identity.ledger import Bools, Ints
from identity.packed_text import packed

UNTOUCHED: Final = -1


@dataclass(frozen=True)
class Groups:
    """The groups in which anything differs, numbered from 0. Records and clusters by their places, ids by theirs.

    Per record: `group` (or `UNTOUCHED`), `founder` (its proposed cluster), `customer` (its proposed id), `former` (the
    id that it had, -1 when it is new). Per record that is gone: `group_gone`. Per former id of any group: `members`,
    `members_group`; per proposed cluster: `clusters`, `clusters_group`. Per issued id: `kept_size`, how many of its
    records are still there. `regroups`: per group, whether it puts records together or takes them apart, which is all
    that holding it can prevent: removed records are gone whatever is held.
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
    kept_size: Ints
    regroups: Bools


def group_changes(holdings: Holdings, founder: Ints, customer: Ints) -> Groups:
    """Find the groups; `customer` is the proposed id of each record."""
    records, ids = len(founder), len(holdings.issued.customer_ids)
    labels = connected_components(records + ids, founder[holdings.held], records + holdings.holder)
    former = np.full(records, -1, dtype=np.int64)
    former[holdings.held] = holdings.holder
    kept_size = np.bincount(holdings.holder, minlength=ids)
    size = np.bincount(founder, minlength=records)
    clusters = np.flatnonzero(founder == np.arange(records))
    mixed = np.bincount(founder[former != former[founder]], minlength=records) > 0
    alone = np.where(former[clusters] < 0, 1, np.append(kept_size, 0)[former[clusters]])
    regroups = np.zeros(records + ids, dtype=np.bool_)
    regroups[labels[clusters[mixed[clusters] | (size[clusters] != alone)]]] = True
    differs = regroups.copy()
    differs[labels[founder[former < 0]]] = True
    differs[labels[records + holdings.loser]] = True
    chosen = np.flatnonzero(differs)
    number = np.full(records + ids, UNTOUCHED, dtype=np.int64)
    number[chosen] = np.arange(len(chosen))
    of = number[labels]
    members = holdings.customers[of[records + holdings.customers] >= 0]
    clusters = clusters[of[clusters] >= 0]
    return Groups(
        count=len(chosen),
        group=of[founder],
        founder=founder,
        customer=customer,
        former=former,
        group_gone=of[records + holdings.loser],
        members=members,
        members_group=of[records + members],
        clusters=clusters,
        clusters_group=of[clusters],
        kept_size=kept_size,
        regroups=regroups[chosen],
    )


def change_ids(holdings: Holdings, groups: Groups) -> pa.StringArray:
    """The id of each group: a digest of how its records would be regrouped.

    A new record counts like one that was alone so far, and removed ones do not count: what is held in one run is thus
    the same change in the next. Only a group that regroups nothing is named by the removed ones, too.
    """
    records = len(groups.founder)
    regroups = np.append(groups.regroups, False)
    proposed = np.flatnonzero(groups.group >= 0)
    parted = np.flatnonzero(np.append(groups.kept_size > 1, False)[groups.former] & regroups[groups.group])
    lost = np.flatnonzero(~regroups[groups.group_gone])
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
