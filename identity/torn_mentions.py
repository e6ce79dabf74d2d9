"""Who wrote identifiers of two people says nothing of either: such mentions are left out before records are grouped.

People name their own order and the one that they gave to a friend, agents write down whom they spoke with. Whether two
records are one person is known once everything else has grouped them; a mention counts if all that its writer named
came to be one customer without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.clustering import NEAR
from identity.comparison_mention import wrote
from identity.components import Labels
from identity.mentioned import MENTIONED
from identity.model import Model
from identity.scoring import Scores

_READ = ("record_id", "emails", "phones", *MENTIONED)


@dataclass(frozen=True)
class Named:
    """Near pairs in which a writer of several named one of them: `pair` places among scores, and the two records."""

    pair: Labels
    writer: Labels
    named: Labels

    def torn(self, labels: Labels) -> NDArray[np.bool_]:
        """Which of them are by a writer whom `labels` put those named in more than one cluster."""
        found = labels[self.named]
        least, most = np.full(len(labels), len(labels)), np.full(len(labels), -1)
        np.minimum.at(least, self.writer, found)
        np.maximum.at(most, self.writer, found)
        return np.asarray(least[self.writer] < most[self.writer])


def by_writers_of_several(
    connection: duckdb.DuckDBPyConnection,
    rids: NDArray[np.int32],
    scores: Scores,
    model: Model,
    features: str = "features",
) -> Named | None:
    """The near pairs by writers who named several records.

    Args:
        connection: holds the table `features`.
        rids: of the records that the numbers of `scores` stand for.
        scores: the pairs.
        model: what weighed them.
        features: `rid` and the columns that mentions are compared in.

    Returns:
        Null where nobody named more than one.
    """
    place = mention_place(model)
    if place is None:
        return None
    # A pair that is not near starts no join; those named by it may be out of sight.
    hits = np.flatnonzero((scores.gammas[:, place] > 0) & (scores.weight >= NEAR))
    if len(hits) < 2:
        return None
    connection.register(
        "mention_hits",
        pa.table({"pair": hits, "rid_l": rids[scores.left[hits]], "rid_r": rids[scores.right[hits]]}),
    )
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in _READ)
    told = connection.sql(f"""
        select pair, {wrote("l", "r")} as by_left, {wrote("r", "l")} as by_right
        from (
            select pair, {sides} from mention_hits as h
            join {features} as l on l.rid = h.rid_l join {features} as r on r.rid = h.rid_r
        ) order by pair
    """).to_arrow_table()
    connection.unregister("mention_hits")
    left, right = (told[name].to_numpy() for name in ("by_left", "by_right"))
    pair = np.concatenate([hits[left], hits[right]])
    writer = np.concatenate([scores.left[hits[left]], scores.right[hits[right]]]).astype(np.int64)
    named = np.concatenate([scores.right[hits[left]], scores.left[hits[right]]]).astype(np.int64)
    several = np.bincount(writer)[writer] > 1
    return Named(pair[several], writer[several], named[several]) if several.any() else None


def mention_place(model: Model) -> int | None:
    """The place of the comparison of mentions; null in a model without."""
    return next((place for place, comparison in enumerate(model.comparisons) if comparison.by_odds), None)


def without_mentions(scores: Scores, model: Model, pairs: NDArray[Any]) -> Scores:
    """The same scores, the mention of the pairs at `pairs` being nothing to compare; `weight` stays as it was."""
    place = mention_place(model)
    parts, gammas = scores.parts.copy(), scores.gammas.copy()
    rivals = tuple(part.copy() for part in scores.rival_parts)
    for part in (parts, *rivals):
        part[pairs, place] = 0.0
    gammas[pairs, place] = -1
    return replace(scores, parts=parts, rival_parts=rivals, gammas=gammas)
