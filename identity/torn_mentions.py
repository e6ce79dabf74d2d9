"""Who names two people says nothing of either: such mentions and keys are left out before records are grouped.

People name their own order and the one that they gave to a friend, agents write down whom they spoke with, and two
customers of one shop sign in on the family's browser. Whether two records are one person is known once everything else
has grouped them; what was written, or a system stated, counts if all that was named came to be one customer without it.

A record that names records of several kinds (a customer of the shop and a contact of the CRM) is no such case: that is
what keys are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

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

_READ: Final = ("record_id", "emails", "phones", *MENTIONED, "external_ids", "links", "link_spaces")
# Names more records than kinds of records.
_SEVERAL: Final = "len(list_distinct(external_ids{0})) > len(list_distinct(link_spaces{0}))"


@dataclass(frozen=True)
class Named:
    """Near pairs in which a writer of several named one of them, and the two records.

    `pair`: places among scores; `place`: of the comparison that holds what was said, mentions or external ids.
    """

    pair: Labels
    place: Labels
    writer: Labels
    named: Labels

    def torn(self, labels: Labels) -> NDArray[np.bool_]:
        """Which of them are by a writer whom `labels` put those named in more than one cluster."""
        found = labels[self.named]
        _, said = np.unique(self.place * len(labels) + self.writer, return_inverse=True)
        least, most = np.full(len(said), len(labels)), np.full(len(said), -1)
        np.minimum.at(least, said, found)
        np.maximum.at(most, said, found)
        return np.asarray(least[said] < most[said])

    def only(self, kept: NDArray[np.bool_]) -> Named:
        """Those at `kept`."""
        return Named(self.pair[kept], self.place[kept], self.writer[kept], self.named[kept])


def by_writers_of_several(
    connection: duckdb.DuckDBPyConnection,
    rids: NDArray[np.int32],
    scores: Scores,
    model: Model,
    features: str = "features",
) -> Named | None:
    """The near pairs by writers who named several records, and by records that state to be several of one kind.

    Args:
        connection: holds the table `features`.
        rids: of the records that the numbers of `scores` stand for.
        scores: the pairs.
        model: what weighed them.
        features: `rid` and the columns that mentions and external ids are compared in.

    Returns:
        Null where nobody named more than one.
    """
    said = [*_mentions(connection, rids, scores, model, features), *_keys(connection, rids, scores, model, features)]
    if not said:
        return None
    return Named(
        *(np.concatenate([getattr(one, name) for one in said]) for name in ("pair", "place", "writer", "named"))
    )


def _mentions(
    connection: duckdb.DuckDBPyConnection, rids: NDArray[np.int32], scores: Scores, model: Model, features: str
) -> Iterator[Named]:
    place = place_of(model, "mention")
    if place is None:
        return
    # A pair that is not near starts no join; those named by it may be out of sight.
    hits = np.flatnonzero((scores.gammas[:, place] > 0) & (scores.weight >= NEAR))
    if len(hits) < 2:
        return
    found = _told(connection, rids, scores, hits, place, wrote("l", "r"), wrote("r", "l"), features)
    several = np.bincount(found.writer)[found.writer] > 1
    if several.any():
        yield found.only(several)


def _keys(
    connection: duckdb.DuckDBPyConnection, rids: NDArray[np.int32], scores: Scores, model: Model, features: str
) -> Iterator[Named]:
    place = place_of(model, "external_id")
    if place is None:
        return
    several = connection.sql(f"select rid from {features} where {_SEVERAL.format('')}").fetchnumpy()["rid"]
    near = np.flatnonzero((scores.gammas[:, place] > 0) & (scores.weight >= NEAR)) if len(several) else several
    hits = near[np.isin(rids[scores.left[near]], several) | np.isin(rids[scores.right[near]], several)]
    if len(hits):
        yield _told(connection, rids, scores, hits, place, _states("l", "r"), _states("r", "l"), features)


def _states(writer: str, other: str) -> str:
    """SQL: the record `writer` names several records of one kind, one of which `other` is, or names as well."""
    several = _SEVERAL.format(f"_{writer}")
    return f"coalesce({several} and list_has_any(external_ids_{writer}, links_{other}), false)"


def _told(
    connection: duckdb.DuckDBPyConnection,
    rids: NDArray[np.int32],
    scores: Scores,
    hits: NDArray[np.intp],
    place: int,
    by_left: str,
    by_right: str,
    features: str,
) -> Named:
    """Who named whom in the pairs at `hits`, by the conditions `by_left` and `by_right`."""
    connection.register(
        "named_hits", pa.table({"pair": hits, "rid_l": rids[scores.left[hits]], "rid_r": rids[scores.right[hits]]})
    )
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in _READ)
    told = connection.sql(f"""
        select pair, {by_left} as by_left, {by_right} as by_right
        from (
            select pair, {sides} from named_hits as h
            join {features} as l on l.rid = h.rid_l join {features} as r on r.rid = h.rid_r
        ) order by pair
    """).to_arrow_table()
    connection.unregister("named_hits")
    left, right = (told[name].to_numpy() for name in ("by_left", "by_right"))
    pair = np.concatenate([hits[left], hits[right]])
    writer = np.concatenate([scores.left[hits[left]], scores.right[hits[right]]]).astype(np.int64)
    named = np.concatenate([scores.right[hits[left]], scores.left[hits[right]]]).astype(np.int64)
    return Named(pair, np.full(len(pair), place), writer, named)


def place_of(model: Model, name: str) -> int | None:
    """The place of a comparison; null in a model without."""
    return next((place for place, comparison in enumerate(model.comparisons) if comparison.name == name), None)


def without(scores: Scores, said: Named) -> Scores:
    """The same scores, what was said of the pairs of `said` being nothing to compare; `weight` stays as it was."""
    parts, gammas = scores.parts.copy(), scores.gammas.copy()
    rivals = tuple(part.copy() for part in scores.rival_parts)
    for part in (parts, *rivals):
        part[said.pair, said.place] = 0.0
    gammas[said.pair, said.place] = -1
    return replace(scores, parts=parts, rival_parts=rivals, gammas=gammas)
