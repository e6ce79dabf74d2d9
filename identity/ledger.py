"""The ledger of customer ids, replayed: which ids live, what a former id stands for, which records a retired id had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# The last of these in the life of an id says what it is; a split is no turn in the life of either id.
_TURNS: Final = {"minted": "living", "revived": "living", "merged": "merged", "retired": "retired"}
_COLUMNS: Final = ["event", "customer_id", "related_customer_id"]


@dataclass(frozen=True)
class ResolvedId:
    """What an id once issued stands for at a moment.

    `customer_id` is the id to use: the id itself (`living`), where its merges lead (`redirected`), or null (`retired`:
    every record is gone). `siblings` are the other living ids that records of it may have gone to by splits, sorted.
    """

    customer_id: str | None
    status: Literal["living", "redirected", "retired"]
    siblings: tuple[str, ...] = ()


def replay(ledger: pa.Table | None, as_of: datetime | None = None) -> pd.DataFrame:
    """Every id issued so far, in the order of issue, told from the ledger alone.

    Columns: `customer_id`, `state` (living, merged, retired), `founding_record_id`, `record_ids` (of a retired id: the
    records that it held last).

    Args:
        ledger: per `contract.CUSTOMER_LEDGER`, oldest event first; null before the first run.
        as_of: leave out what happened later.
    """
    names = ["event", "customer_id", "founding_record_id", "record_ids"]
    if ledger is None:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in [*names[1:], "state"]})
    turns = _until(ledger, as_of).select(names)
    frame: pd.DataFrame = turns.filter(pc.is_in(turns["event"], pa.array(list(_TURNS)))).to_pandas()
    last = frame.drop_duplicates("customer_id", keep="last")
    last = last.assign(state=last["event"].map(_TURNS))[["customer_id", "state", "record_ids"]]
    return frame.drop_duplicates("customer_id")[["customer_id", "founding_record_id"]].merge(last, on="customer_id")


def living_ids(ledger: pa.Table | None, as_of: datetime | None = None) -> set[str]:
    """The ids that customers have now, or had at `as_of`."""
    issued = replay(ledger, as_of)
    return set(issued.loc[issued["state"] == "living", "customer_id"])


def resolve_id(ledger: pa.Table, customer_id: str, as_of: datetime | None = None) -> ResolvedId:
    """What an id stands for today, or stood for at `as_of`.

    Merges are followed to their end. Splits that happened to the id, or to whom it was merged into afterwards, make the
    siblings: the ledger knows ids, so a record of the id may be in any of them.

    Args:
        ledger: per `contract.CUSTOMER_LEDGER`, oldest event first.
        customer_id: an id that was issued at any time.
        as_of: a moment with a time zone; null is now.

    Raises:
        KeyError: if the id had not been issued by then.
        ValueError: if `as_of` has no time zone.
    """
    events = _until(ledger, as_of).select(_COLUMNS)
    own = events.filter(pc.equal(events["customer_id"], customer_id))
    if not len(own):
        when = "" if as_of is None else f" by {as_of.isoformat()}"
        raise KeyError(f"customer id {customer_id} was never issued{when}")
    reached = _reached(events, customer_id)
    living = _living_among(events, list(reached))
    current = _follow_merges(events, customer_id)
    siblings = tuple(sorted(living - {current}))
    if current not in living:
        return ResolvedId(None, "retired", siblings)
    return ResolvedId(current, "living" if current == customer_id else "redirected", siblings)


def _until(ledger: pa.Table, as_of: datetime | None) -> pa.Table:
    if as_of is None:
        return ledger
    if as_of.tzinfo is None:
        raise ValueError(f"as_of is {as_of.isoformat()} without a time zone; give it one, for instance +00:00")
    moment = pa.scalar(as_of, ledger.schema.field("occurred_at").type)
    return ledger.filter(pc.less_equal(ledger["occurred_at"], moment))


def _reached(events: pa.Table, customer_id: str) -> dict[str, int]:
    """Every id that records of `customer_id` may have come to, with the event that first brought them there.

    What happened to an id before they came is no matter of theirs; that also ends every circle.
    """
    links = _links(events)
    reached = {customer_id: -1}
    frontier = reached
    while frontier:
        arrived = pd.DataFrame({"source": list(frontier), "arrived": list(frontier.values())})
        following = links.merge(arrived, on="source")
        first = following[following["position"] > following["arrived"]].groupby("target")["position"].min()
        frontier = {str(target): at for target, at in first.items() if at < reached.get(str(target), len(events))}
        reached = reached | frontier
    return reached


def _links(events: pa.Table) -> pd.DataFrame:
    """Where records went: `source, target, position` (row of the ledger)."""
    frame = events.append_column("position", pa.array(range(len(events)), pa.int64()))
    frame = frame.filter(pc.is_in(frame["event"], pa.array(["merged", "split"]))).to_pandas()
    merged = frame["event"] == "merged"
    loser_or_sibling, survivor_or_heir = frame["customer_id"], frame["related_customer_id"]
    return pd.DataFrame(
        {
            "source": loser_or_sibling.where(merged, survivor_or_heir),
            "target": survivor_or_heir.where(merged, loser_or_sibling),
            "position": frame["position"],
        }
    )


def _living_among(events: pa.Table, ids: list[str]) -> set[str]:
    turns = events.filter(pc.is_in(events["customer_id"], pa.array(ids, pa.string()))).to_pandas()
    turns = turns[turns["event"].isin(list(_TURNS))].drop_duplicates("customer_id", keep="last")
    return set(turns.loc[turns["event"].map(_TURNS) == "living", "customer_id"])


def _follow_merges(events: pa.Table, customer_id: str) -> str:
    merged = events.filter(pc.equal(events["event"], "merged"))
    redirect = dict(zip(merged["customer_id"].to_pylist(), merged["related_customer_id"].to_pylist(), strict=True))
    seen = {customer_id}
    while (following := redirect.get(customer_id)) is not None and following not in seen:
        customer_id = following
        seen.add(customer_id)
    return customer_id
