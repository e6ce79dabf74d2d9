"""Permanent customer ids: inherited by the cluster that shares the most records, redirected on merge, never reused."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import one_array
from identity.contract import CUSTOMER_LEDGER
from identity.ledger import replay

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
    come back it takes part as if they had never left, and is revived (or merged, if they now are somebody else's).

    Args:
        clusters: `record_id, cluster` (any value that is equal within a cluster), one row per record.
        previous: `record_id, customer_id` of the last run; null on the first.
        ledger: every event so far, oldest first, per `contract.CUSTOMER_LEDGER`; null on the first run.
        run_id: written to the events.
        now: written to the events; with a time zone.

    Raises:
        ValueError: if `previous` holds an id that does not live according to the ledger.
    """
    records = _founded(clusters.select(["record_id", "cluster"]).to_pandas())
    issued = replay(ledger)
    before = _previous(previous, issued)
    shared = _shared(records, _claims(before, issued), issued)
    inherited = _inherit(shared)
    minted = _mint_missing(records, inherited, issued["customer_id"])
    customers = records.merge(pd.concat([inherited, minted]), on="founder")
    again = customers.merge(before, on="record_id", suffixes=("", "_before"))
    table = pa.table(
        {
            "record_id": pa.array(customers["record_id"], pa.string()),
            "customer_id": pa.array(customers["customer_id"], pa.string()),
        }
    )
    return Assignment(
        customers=table.sort_by("record_id"),
        events=_events(shared, inherited, minted, before, issued, run_id, now),
        seen_before=len(again),
        kept=int((again["customer_id"] == again["customer_id_before"]).sum()),
    )


def _among(values: pd.Series, others: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which values occur among the others. Not pandas' `isin`, which took most of the run's time."""
    found = pc.is_in(pa.array(values, pa.string()), value_set=one_array(pa.array(others, pa.string())))
    return np.asarray(found, dtype=np.bool_)


def _founded(records: pd.DataFrame) -> pd.DataFrame:
    """`record_id, founder`: clusters named by their smallest record, so that no label of theirs can matter."""
    records = records.sort_values("record_id")
    founders = records.drop_duplicates("cluster").rename(columns={"record_id": "founder"})
    return records.merge(founders, on="cluster")[["record_id", "founder"]]


def _previous(previous: pa.Table | None, issued: pd.DataFrame) -> pd.DataFrame:
    columns = ["record_id", "customer_id"]
    if previous is None:
        return pd.DataFrame({column: pd.Series(dtype="object") for column in columns})
    before: pd.DataFrame = previous.select(columns).to_pandas()
    living = issued.loc[issued["state"] == "living", "customer_id"]
    strange = before.loc[~_among(before["customer_id"], living), "customer_id"].nunique()
    if strange:
        raise ValueError(
            f"{strange} customer ids of the last run do not live according to the ledger: the two are not of the same"
            " state; restore record_customers and customer_ledger from one backup"
        )
    return before


def _claims(before: pd.DataFrame, issued: pd.DataFrame) -> pd.DataFrame:
    """`record_id, customer_id`: the records of the last run, and those that retired ids had when they were retired.

    An id without such a list (its records were taken away behind identity's back) claims the record that founded it.
    """
    dormant = issued[(issued["state"] != "merged") & ~_among(issued["customer_id"], before["customer_id"])]
    listed = dormant[dormant["record_ids"].notna()].drop(columns="founding_record_id")
    unlisted = dormant[dormant["record_ids"].isna()].drop(columns="record_ids")
    known = pd.concat(
        [
            listed.rename(columns={"record_ids": "record_id"}).explode("record_id"),
            unlisted.rename(columns={"founding_record_id": "record_id"}),
        ]
    )
    absent = known[known["record_id"].notna() & ~_among(known["record_id"], before["record_id"])]
    return pd.concat([before, absent[["record_id", "customer_id"]]])


def _shared(records: pd.DataFrame, claims: pd.DataFrame, issued: pd.DataFrame) -> pd.DataFrame:
    """One row per cluster and id that have records in common: `founder, customer_id, records, age`, best first."""
    age = pd.DataFrame({"customer_id": issued["customer_id"], "age": range(len(issued))})
    common = records.merge(claims, on="record_id")
    counted = common.groupby(["founder", "customer_id"], as_index=False).agg(records=("record_id", "size"))
    return (
        counted.merge(age, on="customer_id")
        .sort_values(["records", "age", "founder"], ascending=[False, True, True])
        .reset_index(drop=True)
    )


def _inherit(shared: pd.DataFrame) -> pd.DataFrame:
    """Pair clusters with ids, the largest overlap first, each at most once: `founder, customer_id`."""
    left = shared
    chosen = [shared.head(0)]
    while len(left):
        # An overlap that is first for its cluster and first for its id cannot be outbid by any that is left.
        best = left[~left.duplicated("founder") & ~left.duplicated("age")]
        chosen.append(best)
        left = left[~_among(left["founder"], best["founder"]) & ~left["age"].isin(best["age"])]
    return pd.concat(chosen)[["founder", "customer_id"]]


def _mint_missing(records: pd.DataFrame, inherited: pd.DataFrame, issued: pd.Series) -> pd.DataFrame:
    """A new id for every cluster that inherited none: `founder, customer_id`, sorted."""
    founders = records.loc[~_among(records["founder"], inherited["founder"]), "founder"].drop_duplicates().sort_values()
    new = pd.DataFrame({"founder": founders, "customer_id": founders.map(mint)}).astype("object")
    taken = _among(new["customer_id"], issued) | new.duplicated("customer_id")
    used = set(issued) | set(new["customer_id"])
    for row, founder in new.loc[taken, "founder"].items():
        attempt = 1
        while (candidate := mint(founder, attempt)) in used:
            attempt += 1
        used.add(candidate)
        new.loc[row, "customer_id"] = candidate
    return new


def _events(
    shared: pd.DataFrame,
    inherited: pd.DataFrame,
    minted: pd.DataFrame,
    before: pd.DataFrame,
    issued: pd.DataFrame,
    run_id: str,
    now: datetime,
) -> pa.Table:
    """The rows to append, in an order that can be read as a story: an id exists before others are merged into it."""
    closed = issued.loc[issued["state"] == "retired", "customer_id"]
    revived = inherited[_among(inherited["customer_id"], closed)]
    # An id that no cluster inherited: merged into the cluster that took most of its records, retired if all are gone.
    destination = (
        shared.drop_duplicates("customer_id")
        .merge(inherited.rename(columns={"customer_id": "related_customer_id"}), on="founder")
        .query("customer_id != related_customer_id")
    )
    merged = destination[~_among(destination["customer_id"], inherited["customer_id"])]
    living = issued.loc[issued["state"] == "living", ["customer_id"]]
    retired = living[~_among(living["customer_id"], shared["customer_id"])]
    # A new id whose records came from an id that lives on is the sibling of a split.
    origin = shared.drop_duplicates("founder")[["founder", "customer_id"]]
    split = minted.merge(origin.rename(columns={"customer_id": "related_customer_id"}), on="founder")
    story = {
        "minted": minted.rename(columns={"founder": "founding_record_id"}),
        "revived": revived[["customer_id"]],
        "split": split[["customer_id", "related_customer_id"]],
        "merged": merged[["customer_id", "related_customer_id"]],
        "retired": retired,
    }
    return pa.concat_tables(
        _rows(event, frame.sort_values("customer_id"), before if event == "retired" else before.head(0), run_id, now)
        for event, frame in story.items()
    )


def _rows(event: str, frame: pd.DataFrame, held: pd.DataFrame, run_id: str, now: datetime) -> pa.Table:
    """Ledger rows of one kind; `held` are the records to list with their ids."""
    rows = len(frame)
    columns = {name: pa.array(frame[name], pa.string()) for name in frame.columns}
    held = held[_among(held["customer_id"], frame["customer_id"])].sort_values("record_id")
    lists = (
        pa.table({name: pa.array(held[name], pa.string()) for name in ("record_id", "customer_id")})
        .group_by("customer_id", use_threads=False)
        .aggregate([("record_id", "list")])
        .combine_chunks()
    )
    columns["record_ids"] = lists["record_id_list"].take(pc.index_in(columns["customer_id"], lists["customer_id"]))
    columns["run_id"] = pa.repeat(run_id, rows)
    columns["event"] = pa.repeat(event, rows)
    columns["occurred_at"] = pa.repeat(pa.scalar(now, CUSTOMER_LEDGER.field("occurred_at").type), rows)
    arrays = [columns.get(field.name, pa.nulls(rows, field.type)) for field in CUSTOMER_LEDGER]
    return pa.table(arrays, schema=CUSTOMER_LEDGER)
