"""Judgements as answers to a sample: which pairs of the queue are answered, and what people wrote into a file."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import pandas as pd
import pyarrow as pa

from identity.columns import conform
from identity.contract import IDENTITY_RECORDS, JUDGEMENTS
from identity.labelling.sampling import QUEUE

VERDICTS: Final = {
    "s": "same",
    "same": "same",
    "d": "different",
    "different": "different",
    "u": "unsure",
    "unsure": "unsure",
}
FIELDS: Final = tuple(
    field.name
    for field in IDENTITY_RECORDS
    if field.name not in ("record_id", "source", "entity", "native_id", "created_at", "updated_at")
)
"""What is shown of a record."""
_PAIR: Final = ["record_id_a", "record_id_b"]
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class UnreadableAnswers(ValueError):
    """A file of answers does not fit the queue; the message names lines, never what they hold."""


def latest_verdicts(judgements: pa.Table) -> pa.Table:
    """The newest judgement of each pair: `record_id_a, record_id_b, verdict, judged_at`."""
    told = conform(judgements, JUDGEMENTS).to_pandas().sort_values(["judged_at", "judgement_id"])
    latest = told.drop_duplicates(_PAIR, keep="last")[[*_PAIR, "verdict", "judged_at"]]
    fields = [JUDGEMENTS.field(name) for name in (*_PAIR, "verdict", "judged_at")]
    return pa.Table.from_pandas(latest, schema=pa.schema(fields), preserve_index=False)


def answers_of(queue: pa.Table, judgements: pa.Table, drawn_at: datetime) -> pa.Table:
    """The queue with its answers, in its order; `verdict` is null where nobody has judged the pair since the sample.

    Any judgement of the pair counts, a review's or a steward's: which pairs are in the queue was settled before.

    Args:
        queue: per `sampling.QUEUE`.
        judgements: per `contract.JUDGEMENTS`.
        drawn_at: when the sample was drawn; what was judged before is in its strata.
    """
    told = latest_verdicts(judgements).to_pandas()
    told = told[told["judged_at"] >= pd.Timestamp(drawn_at)][[*_PAIR, "verdict"]]
    joined = conform(queue, QUEUE).to_pandas().merge(told, on=_PAIR, how="left").sort_values("position")
    return pa.Table.from_pandas(joined, schema=QUEUE.append(pa.field("verdict", pa.string())), preserve_index=False)


def labelling_sheet(queue: pa.Table, records: pa.Table, sample_id: str) -> pa.Table:
    """A table to fill in: one row per pair, the values of both records beside each other, `verdict` and `reason` empty.

    A value that a spreadsheet would take for a formula begins with an apostrophe.

    Args:
        queue: per `sampling.QUEUE`, the pairs to ask about.
        records: per `contract.IDENTITY_RECORDS`, at least those of the queue.
        sample_id: written into each row, to know the sheet again.
    """
    shown = records.select(["record_id", *FIELDS]).to_pandas().set_index("record_id").map(_cell)
    sheet = conform(queue, QUEUE).to_pandas().drop(columns="stratum")
    columns: dict[str, pd.Series] = {"sample": pd.Series(sample_id, index=sheet.index)}
    columns |= {name: sheet[name] for name in ("position", *_PAIR)}
    for field in FIELDS:
        sides = [sheet[side].map(shown[field]).fillna("") for side in _PAIR]
        if any((side != "").any() for side in sides):
            columns |= {f"{field}_{end}": side for end, side in zip("ab", sides, strict=True)}
    columns |= {"match_weight": sheet["match_weight"].round(2), "verdict": pd.Series("", index=sheet.index)}
    columns |= {"reason": pd.Series("", index=sheet.index)}
    return pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False)


def read_sheet(sheet: pa.Table, queue: pa.Table, sample_id: str) -> pa.Table:
    """The answers in a filled-in sheet, without its empty lines: a pair, `match_weight`, `verdict`, `reason`.

    Verdicts may be written s, d, u, or in full, in any case.

    Raises:
        UnreadableAnswers: if a column is missing, a verdict is no verdict, a pair is not in the queue or comes twice,
            or the sheet is of another sample; nothing of it is read then.
    """
    missing = [name for name in ("sample", *_PAIR, "verdict") if name not in sheet.column_names]
    if missing:
        raise UnreadableAnswers(f"the file has no column {', '.join(missing)}; `review export` writes what is needed")
    rows = sheet.to_pandas().astype("string").fillna("")
    rows["line"] = range(2, len(rows) + 2)
    rows["said"] = rows["verdict"].str.strip().str.lower()
    rows = rows[rows["said"] != ""]
    rows["verdict"] = rows["said"].map(VERDICTS)
    known = conform(queue, QUEUE).to_pandas()[[*_PAIR, "match_weight"]]
    rows = rows.drop(columns="match_weight", errors="ignore").merge(known, on=_PAIR, how="left", indicator=True)
    for wrong, what in (
        (rows["sample"] != sample_id, f"of another sample than {sample_id}"),
        (rows["verdict"].isna(), "no verdict (write same, different or unsure)"),
        (rows["_merge"] != "both", "a pair that is not in the queue"),
        (rows.duplicated(_PAIR, keep="first"), "a pair that an earlier line has"),
    ):
        if wrong.any():
            lines = ", ".join(str(line) for line in rows.loc[wrong, "line"].head(5))
            more = f" and {int(wrong.sum()) - 5} more" if wrong.sum() > 5 else ""
            raise UnreadableAnswers(f"line {lines}{more}: {what}; nothing was read")
    if "reason" not in rows:
        rows["reason"] = ""
    kept = rows[[*_PAIR, "match_weight", "verdict", "reason"]]
    return pa.table(
        {name: pa.array(kept[name], pa.float64() if name == "match_weight" else pa.string()) for name in kept}
    )


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    text = (
        ", ".join(str(one) for one in value)
        if hasattr(value, "__iter__") and not isinstance(value, str)
        else str(value)
    )
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
