"""Permanent customer ids: inherited by the cluster that shares the most records, redirected on merge, never reused."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd
import pyarrow as pa

from identity.contract import CUSTOMER_LEDGER

_PREFIX: Final = "cus_"


@dataclass(frozen=True)
class Assignment:
    """`customers`: `record_id, customer_id`; `events`: rows to append to the ledger."""

    customers: pa.Table
    events: pa.Table


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
    records. Ties go to the id that was minted first, then to the smaller id. An id that loses its records to another
    cluster's id is merged into it; a cluster that came out of a customer without inheriting is its split sibling.

    Args:
        clusters: `record_id, cluster` (any value that is equal within a cluster).
        previous: `record_id, customer_id` of the last run; null on the first.
        ledger: every event so far, per `contract.CUSTOMER_LEDGER`; null on the first run.
        run_id: written to the events.
        now: written to the events; with a time zone.
    """
    records = clusters.select(["record_id", "cluster"]).to_pandas()
    before = _pandas(previous, ["record_id", "customer_id"])
    past = _pandas(ledger, CUSTOMER_LEDGER.names)
    shared = _shared(records, before, past)
    inherited = _inherit(shared)
    customers, minted = _mint_missing(records, inherited, set(past["customer_id"]))
    events = _events(shared, customers, minted, before, past)
    table = pa.table(
        {
            "record_id": pa.array(customers["record_id"], pa.string()),
            "customer_id": pa.array(customers["customer_id"], pa.string()),
        }
    )
    return Assignment(table.sort_by("record_id"), _event_table(events, run_id, now))


def _pandas(table: pa.Table | None, columns: list[str]) -> pd.DataFrame:
    if table is None:
        return pd.DataFrame({column: pd.Series(dtype="object") for column in columns})
    frame: pd.DataFrame = table.select(columns).to_pandas()
    return frame


def _shared(records: pd.DataFrame, before: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """One row per cluster and previous id that have records in common: `cluster, customer_id, records`, best first."""
    minted = past[past["event"] == "minted"].drop_duplicates("customer_id")[["customer_id", "occurred_at"]]
    minted = minted.assign(occurred_at=pd.to_datetime(minted["occurred_at"], utc=True))
    common = records.merge(before, on="record_id")
    counted = common.groupby(["cluster", "customer_id"], as_index=False).agg(records=("record_id", "size"))
    counted = counted.merge(minted, on="customer_id", how="left")
    return counted.sort_values(
        ["records", "occurred_at", "customer_id", "cluster"], ascending=[False, True, True, True], kind="stable"
    ).reset_index(drop=True)


def _inherit(shared: pd.DataFrame) -> pd.DataFrame:
    """Pair clusters with ids, the largest overlap first, each at most once: `cluster, customer_id`."""
    left = shared
    chosen: list[pd.DataFrame] = []
    while len(left):
        # An overlap that is first for its cluster and first for its id cannot be outbid by any that is left.
        best = left[~left.duplicated("cluster") & ~left.duplicated("customer_id")]
        chosen.append(best)
        left = left[~left["cluster"].isin(best["cluster"]) & ~left["customer_id"].isin(best["customer_id"])]
    return pd.concat(chosen)[["cluster", "customer_id"]] if chosen else shared[["cluster", "customer_id"]]


def _mint_missing(
    records: pd.DataFrame, inherited: pd.DataFrame, issued: set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every record with its id, and the new ids with the record that founded each (the smallest of its cluster)."""
    founders = records.groupby("cluster", as_index=False).agg(founding_record_id=("record_id", "min"))
    new = founders[~founders["cluster"].isin(inherited["cluster"])].sort_values("founding_record_id")
    ids: list[str] = []
    for founder in new["founding_record_id"]:
        attempt = 0
        while (candidate := mint(founder, attempt)) in issued:
            attempt += 1
        issued.add(candidate)
        ids.append(candidate)
    minted = new.assign(customer_id=pd.Series(ids, index=new.index, dtype="object"))
    every = pd.concat([inherited, minted[["cluster", "customer_id"]]])
    return records.merge(every, on="cluster"), minted


def _events(
    shared: pd.DataFrame,
    customers: pd.DataFrame,
    minted: pd.DataFrame,
    before: pd.DataFrame,
    past: pd.DataFrame,
) -> pd.DataFrame:
    current = customers[["cluster", "customer_id"]].drop_duplicates()
    closed = set(past[past["event"].isin(["merged", "retired"])]["customer_id"])
    # An id that no cluster inherited: merged into the cluster that took most of its records, retired if all are gone.
    lost = before[["customer_id"]].drop_duplicates()
    lost = lost[~lost["customer_id"].isin(current["customer_id"]) & ~lost["customer_id"].isin(closed)]
    destination = shared.drop_duplicates("customer_id").merge(
        current.rename(columns={"customer_id": "related_customer_id"}), on="cluster"
    )
    ended = lost.merge(destination[["customer_id", "related_customer_id"]], on="customer_id", how="left")
    merged = ended[ended["related_customer_id"].notna()].assign(event="merged")
    retired = ended[ended["related_customer_id"].isna()].assign(event="retired")
    # A new id whose records came from an id that lives on (or went elsewhere) is the sibling of a split.
    origin = shared[shared["cluster"].isin(minted["cluster"])].drop_duplicates("cluster")
    split = origin.rename(columns={"customer_id": "related_customer_id"}).merge(
        minted[["cluster", "customer_id"]], on="cluster"
    )
    parts = [
        minted.assign(event="minted"),
        split.assign(event="split"),
        merged,
        retired,
    ]
    return pd.concat(parts).sort_values(["event", "customer_id"]).reset_index(drop=True)


def _event_table(events: pd.DataFrame, run_id: str, now: datetime) -> pa.Table:
    rows = len(events)

    def texts(column: str) -> pa.Array:
        if column not in events:
            return pa.nulls(rows, pa.string())
        return pa.array([value if isinstance(value, str) else None for value in events[column]], pa.string())

    return pa.table(
        {
            "run_id": pa.array([run_id] * rows, pa.string()),
            "event": texts("event"),
            "customer_id": texts("customer_id"),
            "related_customer_id": texts("related_customer_id"),
            "founding_record_id": texts("founding_record_id"),
            "occurred_at": pa.array([now] * rows, CUSTOMER_LEDGER.field("occurred_at").type),
        },
        schema=CUSTOMER_LEDGER,
    )


def resolve_id(ledger: pa.Table, customer_id: str) -> str | None:
    """The living id that an id once issued stands for today: itself, or where its merges lead.

    Returns null for a retired id.

    Raises:
        KeyError: if the id was never issued.
    """
    events = ledger.to_pandas()
    if customer_id not in set(events["customer_id"]):
        raise KeyError(f"customer id {customer_id} was never issued")
    merged = events[events["event"] == "merged"]
    redirect = dict(zip(merged["customer_id"], merged["related_customer_id"], strict=True))
    seen = {customer_id}
    while (following := redirect.get(customer_id)) is not None and following not in seen:
        customer_id = following
        seen.add(customer_id)
    retired = set(events[events["event"] == "retired"]["customer_id"])
    return None if customer_id in retired else customer_id
