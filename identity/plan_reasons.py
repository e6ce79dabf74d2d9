"""What each change of a plan is, and why it is proposed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from identity.holdings import Holdings
from identity.judgement import Constraints
from identity.ledger import Bools, Ints, places_of
from identity.packed_text import listed
from identity.plan_facts import Facts
from identity.plan_groups import Groups


def kinds(groups: Groups) -> pa.StringArray:
    """What each change is, by how many former customers and proposed clusters it has."""
    former = np.bincount(groups.members_group, minlength=groups.count)
    after = np.bincount(groups.clusters_group, minlength=groups.count)
    added = added_records(groups) > 0
    one = (former == 1) & (after == 1)
    chosen = np.select(
        [former == 0, after == 0, one & added, one, after == 1, former == 1],
        ["created", "retired", "extended", "reduced", "merged", "split"],
        "moved",
    )
    return pa.array(chosen, pa.string())


def added_records(groups: Groups) -> Ints:
    """Per group, the records that no customer had."""
    return count_groups(groups.group[groups.former < 0], groups.count)


def moved_records(groups: Groups) -> Ints:
    """Per group, the records whose customer would be another."""
    return count_groups(groups.group[(groups.former >= 0) & (groups.former != groups.customer)], groups.count)


def merged_customers(groups: Groups) -> Ints:
    """Per group, the former customers whose id would redirect: they have records left, and no cluster has their id."""
    kept = np.zeros(len(groups.kept_size) + len(groups.founder) + 1, dtype=np.bool_)
    kept[groups.customer] = True
    away = (groups.kept_size[groups.members] > 0) & ~kept[groups.members]
    return count_groups(groups.members_group[away], groups.count)


def judged(groups: Groups, holdings: Holdings, judgements: Constraints | None) -> tuple[Bools, Bools]:
    """Per group: did people call records one that it joins; did they call records different that it parts."""
    joins, parts = np.zeros(groups.count + 1, dtype=np.bool_), np.zeros(groups.count + 1, dtype=np.bool_)
    if judgements is not None:
        a, b = _pairs(judgements.together, holdings)
        joined = (groups.founder[a] == groups.founder[b]) & (
            (groups.former[a] != groups.former[b]) | (groups.former[a] < 0)
        )
        joins[groups.group[a[joined]]] = True
        a, b = _pairs(judgements.apart, holdings)
        parted = (
            (groups.founder[a] != groups.founder[b]) & (groups.former[a] == groups.former[b]) & (groups.former[a] >= 0)
        )
        parts[groups.group[a[parted]]] = True
    return joins[:-1], parts[:-1]


def _pairs(pairs: pa.Table, holdings: Holdings) -> tuple[Ints, Ints]:
    a, b = (places_of(pairs[name], holdings.record_ids) for name in ("record_id_a", "record_id_b"))
    there = (a >= 0) & (b >= 0)
    return a[there], b[there]


def reasons(groups: Groups, holdings: Holdings, by_people: Bools, facts: Facts) -> pa.ListArray:
    """Why each change is proposed, sorted: what the change itself shows, and the caller's words on its records.

    `evidence` where nothing of this is known: its records are as they were, what surrounds them made the difference.
    """
    told = [
        _said("records_added", np.flatnonzero(added_records(groups))),
        _said("records_removed", np.unique(groups.group_gone)),
        _said("judgement", np.flatnonzero(by_people)),
    ]
    if facts.touched is not None:
        for ids, of in ((holdings.record_ids, groups.group), (holdings.gone, groups.group_gone)):
            place = places_of(facts.touched["record_id"], ids)
            group = np.append(of, -1)[place]
            words = facts.touched["reason"].cast(pa.string()).to_pandas()
            told.append(pd.DataFrame({"group": group, "because": words})[group >= 0])
    every = pd.concat(told)
    silent = np.setdiff1d(np.arange(groups.count), every["group"])
    return lists_of(pd.concat([every, _said("evidence", silent)]), groups.count)


def lists_of(told: pd.DataFrame, count: int) -> pa.ListArray:
    """`group, because` as one sorted list per group, without repeats."""
    told = told.drop_duplicates().sort_values(["group", "because"])
    return listed(pa.array(told["because"], pa.string()), told["group"].to_numpy(np.int64), count)


def _said(reason: str, groups: Ints) -> pd.DataFrame:
    return pd.DataFrame({"group": groups, "because": reason}).astype({"because": "object"})


def count_groups(groups: Ints, count: int) -> Ints:
    """How often each group occurs; what is in none does not count."""
    return np.bincount(groups[groups >= 0], minlength=count)
