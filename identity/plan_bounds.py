"""How far a run may change customers without a person's word, and which of its changes go further."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from identity.holdings import Holdings
from identity.ledger import Bools, Ints, places_of
from identity.plan_facts import Facts
from identity.plan_groups import Groups

_CONSENT: Final = "consent_"


class Bounds(BaseModel):
    """Frozen; an unknown field is an error; a bound that is null is off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    largest_component: int | None = Field(200, ge=1, description="records in one customer")
    largest_share_merged: float | None = Field(
        0.05,
        ge=0,
        le=1,
        description="share of the customers before the run that it may merge into others. A run that merges more is "
        "suspect as a whole (a bad model, an identifier pasted on thousands of records), and the merges that it is "
        "surest of as much as the others: all its merges are held but those released or judged to be one person",
    )
    merges_always_allowed: int = Field(25, ge=0, description="merges in one run before their share is asked about")
    newly_reachable: int | None = Field(
        0,
        ge=0,
        description="records of opted-out customers that one change may make reachable. Opted out: some record denies "
        "consent on some channel. Reachable on a channel: some record grants consent on it and none denies it. Newly: "
        "the customer that the record was in was not reachable on that channel. What a new record grants is that "
        "person's own statement and makes nobody newly reachable",
    )
    strong_ids_per_source: int | None = Field(1, ge=1, description="strong ids of one source in one customer")


def broken_bounds(groups: Groups, holdings: Holdings, facts: Facts, bounds: Bounds) -> pd.DataFrame:
    """The bounds that single changes break: `group, because`. A bound is broken only by what a change makes worse."""
    found = [pd.DataFrame({"group": pd.Series(dtype="int64"), "because": pd.Series(dtype="object")})]
    if bounds.largest_component is not None:
        found.append(_too_large(groups, holdings, bounds.largest_component))
    if facts.records is not None:
        known = _Known(groups, holdings, facts.records)
        if bounds.strong_ids_per_source is not None and {"source", "is_strong_id"} <= set(facts.records.column_names):
            found.append(_strong_ids(groups, known, bounds.strong_ids_per_source))
        if bounds.newly_reachable is not None:
            found.append(_newly_reachable(groups, known, bounds.newly_reachable))
    return pd.concat(found)


def too_many_merged(merged: Ints, exempt: Bools, customers: int, bounds: Bounds) -> pd.DataFrame:
    """The changes to hold because the run merges too many: `group, because`.

    Args:
        merged: per group, how many of the former customers it merges away.
        exempt: groups that are not asked and not counted: held anyway, released, or judged to be one person.
        customers: how many there were before the run.
        bounds: the share, and the number below which it is not asked about.
    """
    asked = np.flatnonzero((merged > 0) & ~exempt)
    total = int(merged[asked].sum())
    share = bounds.largest_share_merged
    if share is None or total <= max(share * customers, bounds.merges_always_allowed):
        asked = asked[:0]
    words = f"largest_share_merged: the run merges {total} of {customers} customers, at most {share or 0:.2%}"
    return pd.DataFrame({"group": asked, "because": words}).astype({"because": "object"})


class _Known:
    """The caller's facts beside the records: rows of `frame`, with `cluster` (-1 when gone), `former` and `group`."""

    def __init__(self, groups: Groups, holdings: Holdings, records: pa.Table) -> None:
        place, gone = (places_of(records["record_id"], ids) for ids in (holdings.record_ids, holdings.gone))
        none = [-1]
        self.cluster = np.append(groups.founder, none)[place]
        former = np.append(groups.former, none)[place]
        self.former = np.where(gone >= 0, np.append(holdings.loser, none)[gone], former)
        self.group = np.where(gone >= 0, np.append(groups.group_gone, none)[gone], np.append(groups.group, none)[place])
        touched = np.flatnonzero(self.group >= 0)
        self.cluster, self.former, self.group = (rows[touched] for rows in (self.cluster, self.former, self.group))
        self.table = records.take(pa.array(touched))


def _feeding(groups: Groups) -> pd.DataFrame:
    """`cluster, former`: which former customers each proposed cluster takes records from."""
    rows = np.flatnonzero((groups.group >= 0) & (groups.former >= 0))
    return pd.DataFrame({"cluster": groups.founder[rows], "former": groups.former[rows]}).drop_duplicates()


def _worse(groups: Groups, after: pd.DataFrame, before: pd.DataFrame, most: int, keys: list[str]) -> pd.DataFrame:
    """Of `cluster, *keys, n` the rows with n above the bound and above that of every former customer (`former, n`)."""
    over = after[after["n"] > most]
    fed = over[["cluster", *keys]].merge(_feeding(groups), on="cluster").merge(before, on=["former", *keys])
    was = fed.groupby(["cluster", *keys], as_index=False).agg(was=("n", "max"))
    told = over.merge(was, on=["cluster", *keys], how="left").fillna({"was": 0})
    return told[told["n"] > told["was"]].assign(group=lambda rows: groups.group[rows["cluster"].to_numpy(np.int64)])


def _too_large(groups: Groups, holdings: Holdings, most: int) -> pd.DataFrame:
    size = np.bincount(groups.founder, minlength=1)
    large = groups.clusters[size[groups.clusters] > most]
    was = groups.kept_size + np.bincount(holdings.loser, minlength=len(groups.kept_size))
    after = pd.DataFrame({"cluster": large, "n": size[large]})
    before = pd.DataFrame({"former": groups.members, "n": was[groups.members]})
    worse = _worse(groups, after, before, most, [])
    words = "largest_component: " + worse["n"].astype(str) + f" records in one customer, at most {most}"
    return pd.DataFrame({"group": worse["group"], "because": words.astype("object")})


def _strong_ids(groups: Groups, known: _Known, most: int) -> pd.DataFrame:
    strong = pc.fill_null(known.table["is_strong_id"], False).to_numpy()
    ids = pd.DataFrame({"cluster": known.cluster, "former": known.former, "source": known.table["source"].to_pandas()})[
        strong
    ]
    after, before = (
        ids[ids[side] >= 0].groupby([side, "source"], as_index=False).agg(n=("source", "size"))
        for side in ("cluster", "former")
    )
    worse = _worse(groups, after, before, most, ["source"])
    words = "strong_ids_per_source: " + worse["n"].astype(str) + " strong ids of " + worse["source"]
    return pd.DataFrame(
        {"group": worse["group"], "because": words.astype("object") + f" in one customer, at most {most}"}
    )


def _newly_reachable(groups: Groups, known: _Known, most: int) -> pd.DataFrame:
    channels = [name for name in known.table.column_names if name.startswith(_CONSENT)]
    held = (known.former >= 0) & (known.cluster >= 0)
    reached, opted_out = np.zeros(len(held), dtype=np.bool_), np.zeros(len(groups.kept_size) + 1, dtype=np.bool_)
    for channel in channels:
        says = {
            state: pc.fill_null(pc.equal(known.table[channel], state), False).to_numpy()
            for state in ("granted", "denied")
        }
        opted_out[known.former[says["denied"]]] = True
        now = _folded(known.cluster, says["granted"] & (known.former >= 0), says["denied"], len(groups.founder))
        was = _folded(known.former, says["granted"], says["denied"], len(groups.kept_size))
        reached |= now[known.cluster] & ~was[known.former]
    opted_out[-1] = False
    count = np.bincount(known.group[reached & held & opted_out[known.former]], minlength=groups.count)
    over = np.flatnonzero(count > most)
    words = [
        f"newly_reachable: {count[group]} opted-out records would become reachable, at most {most}" for group in over
    ]
    return pd.DataFrame({"group": over, "because": pd.Series(words, dtype="object")})


def _folded(customer: Ints, granted: Bools, denied: Bools, count: int) -> Bools:
    """Whether each customer is reachable: some record grants and none denies. The last one, -1, stands for none."""
    reachable = np.zeros(count + 1, dtype=np.bool_)
    reachable[customer[granted]] = True
    reachable[customer[denied]] = False
    reachable[-1] = False
    return reachable
