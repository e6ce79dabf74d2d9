"""What people decided about records, folded into what clustering must obey."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import Column, conform, one_array
from identity.components import connected_components
from identity.contract import JUDGEMENTS, TEXTS

Verdict = Literal["same", "different", "unsure"]
Origin = Literal["review", "unmerge", "steward"]

_PAIR: Final = ["record_id_a", "record_id_b"]
_PAIRS: Final = pa.schema([JUDGEMENTS.field(name) for name in _PAIR])
SET_ASIDE: Final = JUDGEMENTS.append(pa.field("outweighed_by", TEXTS, nullable=False))
"""A judgement that newer ones contradict, and the judgement_ids of those that together rule it out."""


@dataclass(frozen=True)
class Constraints:
    """What clustering must obey, and the judgements that it cannot.

    `together`, `apart`: `record_id_a, record_id_b`, each pair once, sorted. No two records that `together` connects are
    `apart`. `set_aside`: per `SET_ASIDE`. `idle`: per `contract.JUDGEMENTS`, those about records that are not there.
    """

    together: pa.Table
    apart: pa.Table
    set_aside: pa.Table
    idle: pa.Table


def constraints(judgements: pa.Table, record_ids: Column | None = None) -> Constraints:
    """Fold the judgements: the newest verdict of a pair counts, and `unsure` withdraws what was said before.

    Where what counts contradicts itself (A is B, B is C, A is not C), the newer statement stands: statements are taken
    from the newest to the oldest, and one that those taken before rule out is set aside. Ties go to the larger
    judgement_id. Nothing is deleted: withdraw the newer one, and the older stands again.

    Args:
        judgements: per `contract.JUDGEMENTS`, in any order.
        record_ids: the records that there are; judgements about others are idle, and count again when these come back.
            Null: all are there.

    Raises:
        ValueError: if a verdict is unknown, a pair is out of order or is one record twice.
    """
    stated = _latest(_checked(conform(judgements, JUDGEMENTS)))
    there = np.ones(len(stated), dtype=np.bool_)
    if record_ids is not None:
        for side in _PAIR:
            there &= np.asarray(pc.is_in(pa.array(stated[side], pa.string()), value_set=one_array(record_ids)))
    standing = stated[there].reset_index(drop=True)
    outweighed_by = _consistent(standing)
    lost = outweighed_by.notna()
    return Constraints(
        together=_pairs(standing[(standing["verdict"] == "same") & ~lost]),
        apart=_pairs(standing[(standing["verdict"] == "different") & ~lost]),
        set_aside=_rows(standing[lost].assign(outweighed_by=outweighed_by[lost]), SET_ASIDE),
        idle=_rows(stated[~there], JUDGEMENTS),
    )


def new_judgement(
    record_id: str,
    other_record_id: str,
    verdict: Verdict,
    *,
    judged_by: str,
    judged_at: datetime,
    reason: str,
    origin: Origin = "steward",
    match_weight: float | None = None,
    model_id: str | None = None,
) -> pa.Table:
    """One row per `contract.JUDGEMENTS`, to append; the same statement has the same id, so that it is not told twice.

    Raises:
        ValueError: if the records are one, the verdict or origin is unknown, nobody or no reason is named, or the time
            has no zone.
    """
    return _statements(
        [(record_id, other_record_id, verdict)],
        judged_by=judged_by,
        judged_at=judged_at,
        reason=reason,
        origin=origin,
        match_weight=match_weight,
        model_id=model_id,
    )


def unmerge(
    record_id: str, customer_record_ids: Iterable[str], *, judged_by: str, judged_at: datetime, reason: str
) -> pa.Table:
    """The record is not the person that the other records of its customer are: rows per `contract.JUDGEMENTS`.

    Args:
        record_id: the record to take out.
        customer_record_ids: all records of its customer; whether it is among them does not matter.
        judged_by: who says so.
        judged_at: when, with a time zone.
        reason: why.

    Raises:
        ValueError: if the record is alone in its customer.
    """
    others = sorted(set(customer_record_ids) - {record_id})
    if not others:
        raise ValueError(f"record {record_id} is alone in its customer: there is nothing to unmerge")
    return _statements(
        [(record_id, other, "different") for other in others],
        judged_by=judged_by,
        judged_at=judged_at,
        reason=reason,
        origin="unmerge",
    )


def undo(
    judgements: pa.Table, judgement_ids: Sequence[str], *, judged_by: str, judged_at: datetime, reason: str
) -> pa.Table:
    """Take judgements back by judging again: each pair as it was judged before, `unsure` where it was not.

    Args:
        judgements: every one so far, per `contract.JUDGEMENTS`.
        judgement_ids: those to take back, each the newest of its pair.
        judged_by: who takes them back.
        judged_at: when, with a time zone; later than they were made.
        reason: why.

    Raises:
        ValueError: if one is unknown, is not the newest of its pair, or was made at `judged_at` or later.
    """
    told = _checked(conform(judgements, JUDGEMENTS)).sort_values(["judged_at", "judgement_id"])
    latest = told.drop_duplicates(_PAIR, keep="last")
    taken = latest[latest["judgement_id"].isin(list(judgement_ids))]
    missing = sorted(set(judgement_ids) - set(taken["judgement_id"]))
    if missing:
        raise ValueError(
            f"judgements {', '.join(missing)} cannot be undone: unknown, or the pair was judged again since;"
            " undo the newest one of the pair"
        )
    late = taken.loc[taken["judged_at"] >= pd.Timestamp(judged_at), "judgement_id"]
    if len(late):
        raise ValueError(f"judgements {', '.join(sorted(late))} were made at {judged_at.isoformat()} or later")
    earlier = told[~told["judgement_id"].isin(list(taken["judgement_id"]))].drop_duplicates(_PAIR, keep="last")
    before = taken[_PAIR].merge(earlier[[*_PAIR, "verdict"]], on=_PAIR, how="left").fillna({"verdict": "unsure"})
    return _statements(
        list(before[[*_PAIR, "verdict"]].itertuples(index=False, name=None)),
        judged_by=judged_by,
        judged_at=judged_at,
        reason=reason,
        origin="steward",
    )


def _statements(
    pairs: list[tuple[str, str, str]],
    *,
    judged_by: str,
    judged_at: datetime,
    reason: str,
    origin: str,
    match_weight: float | None = None,
    model_id: str | None = None,
) -> pa.Table:
    if not judged_by.strip() or not reason.strip():
        raise ValueError("a judgement needs to say who judged and why")
    if judged_at.tzinfo is None:
        raise ValueError(f"judged_at is {judged_at.isoformat()} without a time zone; give it one, for instance +00:00")
    if origin not in get_args(Origin):
        raise ValueError(f"origin {origin!r} is none of {', '.join(get_args(Origin))}")
    rows: list[dict[str, Any]] = []
    for record_id, other, verdict in pairs:
        a, b = sorted((record_id, other))
        said = [a, b, verdict, judged_by, judged_at.timestamp(), reason, origin]
        rows.append(
            {
                "judgement_id": "jud_" + hashlib.sha256(json.dumps(said).encode()).hexdigest()[:20],
                "record_id_a": a,
                "record_id_b": b,
                "verdict": verdict,
                "judged_by": judged_by,
                "judged_at": judged_at,
                "reason": reason,
                "match_weight": match_weight,
                "model_id": model_id,
                "origin": origin,
            }
        )
    table = pa.Table.from_pylist(rows, schema=JUDGEMENTS)
    _checked(table)
    return table


def _checked(judgements: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = judgements.to_pandas()
    strange = sorted(set(frame["verdict"]) - set(get_args(Verdict)))
    if strange:
        raise ValueError(f"verdicts {', '.join(strange)} are unknown; a verdict is {', '.join(get_args(Verdict))}")
    wrong = frame.loc[frame["record_id_a"] >= frame["record_id_b"], "judgement_id"]
    if len(wrong):
        raise ValueError(
            f"{len(wrong)} judgements (the first: {wrong.iloc[0]}) name one record twice, or not the smaller id first"
        )
    return frame


def _latest(judgements: pd.DataFrame) -> pd.DataFrame:
    """What was said last of each pair, the newest first; withdrawn pairs left out."""
    newest = judgements.sort_values(["judged_at", "judgement_id"], ascending=False).drop_duplicates(_PAIR)
    return newest[newest["verdict"] != "unsure"].reset_index(drop=True)


def _consistent(stated: pd.DataFrame) -> pd.Series:
    """For each statement, newest first, the newer ones that together rule it out: a list of judgement_ids, or null."""
    outweighed_by: list[list[str] | None] = [None] * len(stated)
    codes, records = pd.factorize(pd.concat([stated["record_id_a"], stated["record_id_b"]]))
    left, right = codes[: len(stated)], codes[len(stated) :]
    same = (stated["verdict"] == "same").to_numpy()
    groups = connected_components(len(records), left[same], right[same])
    # Only a group that holds two records said to differ can contradict itself; these are few, and taken one by one.
    within = groups[left] == groups[right]
    disputed = within & np.isin(groups[left], groups[left[within & ~same]])
    people = _People()
    for row in np.flatnonzero(disputed):
        against = people.say(int(left[row]), int(right[row]), bool(same[row]), str(stated.at[row, "judgement_id"]))
        outweighed_by[row] = sorted(against) or None
    return pd.Series(outweighed_by, index=stated.index, dtype="object")


class _People:
    """Who is who by the statements taken so far; at every moment free of contradiction."""

    def __init__(self) -> None:
        self._same: dict[int, dict[int, str]] = {}
        self._different: dict[int, dict[int, str]] = {}

    def say(self, a: int, b: int, same: bool, judgement_id: str) -> list[str]:
        """Take the statement, or return the judgements that together rule it out."""
        reached = self._reached(a)
        if b in reached:
            if not same:
                return reached[b]
        elif same:
            beyond = self._reached(b)
            for one, chain in reached.items():
                for other, stated in self._different.get(one, {}).items():
                    if other in beyond:
                        return [*chain, stated, *beyond[other]]
        taken = self._same if same else self._different
        taken.setdefault(a, {})[b] = judgement_id
        taken.setdefault(b, {})[a] = judgement_id
        return []

    def _reached(self, start: int) -> dict[int, list[str]]:
        """Every record that is the same as `start`, with the shortest chain of judgements that says so."""
        chains: dict[int, list[str]] = {start: []}
        waiting = [start]
        for one in waiting:
            for other, judgement_id in self._same.get(one, {}).items():
                if other not in chains:
                    chains[other] = [*chains[one], judgement_id]
                    waiting.append(other)
        return chains


def _pairs(judgements: pd.DataFrame) -> pa.Table:
    return _rows(judgements, _PAIRS).sort_by([(name, "ascending") for name in _PAIR])


def _rows(judgements: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(judgements[schema.names], schema=schema, preserve_index=False)
