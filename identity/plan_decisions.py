"""What stewards decided about planned changes: hold or release, folded into what counts for each change of a plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

import pandas as pd
import pyarrow as pa

from identity.columns import conform
from identity.contract import CHANGE_DECISIONS

Decision = Literal["hold", "release"]


def new_decision(
    decision: Decision,
    *,
    change: Mapping[str, Any] | None = None,
    customer_id: str | None = None,
    decided_by: str,
    decided_at: datetime,
    reason: str,
) -> pa.Table:
    """One row per `contract.CHANGE_DECISIONS`, to append.

    Args:
        decision: `hold` or `release`.
        change: the change that it is about, a row per `contract.PLAN_CHANGES` (`change_id, former_customer_ids`).
        customer_id: the customer that it is about, instead of a change.
        decided_by: who decides.
        decided_at: when, with a time zone.
        reason: why.

    Raises:
        ValueError: if it is about both or neither, nobody or no reason is named, or the time has no zone.
    """
    if decision not in get_args(Decision):
        raise ValueError(f"decision {decision!r} is none of {', '.join(get_args(Decision))}")
    if (change is None) == (customer_id is None):
        raise ValueError("a decision is about one change or about one customer")
    if not decided_by.strip() or not reason.strip():
        raise ValueError("a decision needs to say who decided and why")
    if decided_at.tzinfo is None:
        raise ValueError(f"decided_at is {decided_at.isoformat()} without a time zone; give it one")
    change_id = None if change is None else str(change["change_id"])
    customer_ids = [str(customer_id)] if change is None else sorted(change["former_customer_ids"])
    said = [decision, change_id, customer_ids, decided_by, decided_at.timestamp(), reason]
    row = {
        "decision_id": "dec_" + hashlib.sha256(json.dumps(said).encode()).hexdigest()[:20],
        "decision": decision,
        "change_id": change_id,
        "customer_ids": customer_ids,
        "decided_by": decided_by,
        "decided_at": decided_at,
        "reason": reason,
    }
    return pa.Table.from_pylist([row], schema=CHANGE_DECISIONS)


def decided(changes: pd.DataFrame, members: pd.DataFrame, decisions: pa.Table | None) -> pd.DataFrame:
    """What counts for each change: `change_id, decision, words`; changes that nobody decided about are left out.

    The newest word counts. A release is about exactly that change. A hold of a customer holds every change that takes
    it in; a hold of a change also holds what becomes of it: every change that takes in all of its former customers. A
    release takes back the hold of the same change or customer, whoever held it.

    Args:
        changes: one row per change, with `change_id`.
        members: `change_id, customer_id`, the former customers of each change.
        decisions: per `contract.CHANGE_DECISIONS`, in any order; null is none.
    """
    nothing = pd.DataFrame({name: pd.Series(dtype="object") for name in ("change_id", "decision", "words")})
    if decisions is None or not len(decisions):
        return nothing
    told: pd.DataFrame = conform(decisions, CHANGE_DECISIONS).to_pandas().sort_values(["decided_at", "decision_id"])
    told["target"] = told["change_id"].where(told["change_id"].notna(), told["customer_ids"].str[0])
    told = told.drop_duplicates("target", keep="last").reset_index(drop=True)
    told["words"] = told["decided_by"] + ", " + told["reason"]
    exact = told[told["change_id"].isin(changes["change_id"])]
    holds = told.loc[told["decision"] == "hold"].assign(needed=told["customer_ids"].str.len())
    taken_in = (
        holds.drop(columns="change_id")
        .explode("customer_ids")
        .merge(members, left_on="customer_ids", right_on="customer_id")
    )
    counted = taken_in.groupby(["decision_id", "change_id"])["customer_id"].transform("size")
    wider = taken_in[counted == taken_in["needed"]]
    every = pd.concat([exact, wider])[["change_id", "decision", "words", "decided_at", "decision_id"]]
    newest = every.sort_values(["decided_at", "decision_id"]).drop_duplicates("change_id", keep="last")
    return newest[["change_id", "decision", "words"]] if len(newest) else nothing
