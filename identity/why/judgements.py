"""What people have said about pairs of records: the newest verdict of each pair, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from identity.why.minimum_cut import Pair
from identity.why.values import Reader

_HIDDEN = "(hidden)"


@dataclass(frozen=True)
class JudgementView:
    """A verdict that counts: `same` or `different`, by whom and when; the reason is hidden with the values."""

    record_a: str
    record_b: str
    verdict: str
    judged_by: str
    judged_at: str
    reason: str | None

    @property
    def words(self) -> str:
        """The verdict as a sentence without its full stop."""
        said = {"same": "one person", "different": "two people"}.get(self.verdict, self.verdict)
        who = f"{self.record_a} and {self.record_b}"
        because = f": {self.reason}" if self.reason else ""
        return f"{self.judged_by} said on {self.judged_at[:10]} that {who} are {said}{because}"


def standing(
    judgements: pa.Table | None, pairs: set[Pair], reader: Reader, *, show_values: bool
) -> list[JudgementView]:
    """The judgements in force on any of the pairs; `unsure` withdraws what was said before.

    Args:
        judgements: per `contract.JUDGEMENTS`, or null.
        pairs: record ids, the smaller first.
        reader: how records are named.
        show_values: whether the reason, which people write freely, is shown.
    """
    if judgements is None:
        return []
    rows = judgements.sort_by([("judged_at", "ascending"), ("judgement_id", "ascending")]).to_pylist()
    newest = {(min(ends), max(ends)): row for row in rows for ends in [(row["record_id_a"], row["record_id_b"])]}
    return [
        JudgementView(
            reader.label(pair[0]),
            reader.label(pair[1]),
            row["verdict"],
            row["judged_by"],
            row["judged_at"].isoformat(),
            row["reason"] if show_values or not row["reason"] else _HIDDEN,
        )
        for pair, row in sorted(newest.items())
        if pair in pairs and row["verdict"] != "unsure"
    ]
