"""Records to clusters with a frozen model: all of them, or the components that a change can have touched.

Everything here is a function of one connected component of near pairs and the frozen model, so that matching the
touched components gives what matching everything would give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.artifact import FrozenModel
from identity.calibration import Calibration, calibrated_bits
from identity.clustering import Pairs, cluster, near_components, one_record_per_source
from identity.comparison_catalogue import stand_ins, stated_levels
from identity.completion import missing_in_clusters, missing_in_components
from identity.components import Floats, Labels, link_strengths
from identity.model import Model
from identity.scoring import Scores, score_vectors
from identity.torn_mentions import by_writers_of_several, without
from identity.vectors import VectorBuilder

# Bits that a judgement is worth where the strength of a link is told.
_CERTAIN: Final = 60.0
_CONTRADICTION: Final = -10.0
# Clusters that hold pairs nobody compared are looked at again this often; each time they are fewer.
_ROUNDS: Final = 4


@dataclass(frozen=True)
class Matched:
    """The clusters of some records, numbered in the order of their ids.

    `rids`, `record_ids`: the records; `labels`: the smallest number of each one's cluster; `components`: the same of
    the component of near pairs; `scores`: compared pairs among them; `outside`: scored pairs of theirs with other
    records, by rid; `together`: pairs that people said are one person.
    """

    rids: NDArray[np.int32]
    record_ids: pa.Array
    labels: Labels
    components: Labels
    scores: Scores
    outside: Scores
    together: Pairs

    def strengths_in(self, labels: Labels, calibration: Calibration | None = None) -> Floats:
        """How firmly each record would be held in the clusters `labels`; what people say holds for certain."""
        one, other = self.together
        return link_strengths(
            len(labels),
            np.concatenate([self.scores.left, one]),
            np.concatenate([self.scores.right, other]),
            np.concatenate([calibrated_bits(self.scores.weight, calibration), np.full(len(one), _CERTAIN)]),
            labels,
        )


def match(
    connection: duckdb.DuckDBPyConnection,
    frozen: FrozenModel,
    builder: VectorBuilder | None,
    *,
    region: str | None = None,
    together: Pairs | None = None,
    apart: Pairs | None = None,
) -> Matched:
    """Cluster the records of the table `region` (`rid`; null: all), which must hold whole components of near pairs.

    Reads `features`, `vectors` (the blocked pairs) and `rarity`; `together` and `apart` are judgements, as rids.
    Without a `builder`, for a model that has nothing to compare, judgements alone put records together.
    """
    where = f"semi join {region} using (rid)" if region else ""
    rows = connection.sql(f"select rid, record_id, source from features {where} order by record_id").to_arrow_table()
    rids = rows["rid"].to_numpy()
    scores, outside, number = _scores(connection, frozen, rids, region)
    together, apart = _numbered(together, number), _numbered(apart, number)
    count = len(rids)

    def compare(builder: VectorBuilder, pairs: Pairs) -> Scores:
        left, right = rids[pairs[0]], rids[pairs[1]]
        connection.register(
            "missing_pairs", pa.table({"rid_l": np.minimum(left, right), "rid_r": np.maximum(left, right)})
        )
        builder.build("missing_pairs", "missing_vectors")
        connection.unregister("missing_pairs")
        return score_vectors(connection, frozen.model, "missing_vectors").renumbered(number)

    missing = missing_in_components(connection, scores, count, together)
    if builder is not None and len(missing[0]):
        scores = scores.merged(compare(builder, missing))
    source = np.unique(rows["source"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    labels = _cluster(connection, frozen, rids, scores, together, apart, source)
    for _ in range(_ROUNDS):
        missing = missing_in_clusters(connection, scores, labels)
        if builder is None or not len(missing[0]):
            break
        scores = scores.merged(compare(builder, missing))
        components = near_components(count, scores, together)
        again = np.flatnonzero(np.isin(components, components[missing[0]]))
        kept = _among(again, count, scores, together, apart)
        labels[again] = again[_cluster(connection, frozen, rids[again], *kept, source[again])]
    return Matched(
        rids,
        rows["record_id"].combine_chunks(),
        labels,
        near_components(count, scores, together),
        scores,
        outside,
        together,
    )


def _scores(
    connection: duckdb.DuckDBPyConnection, frozen: FrozenModel, rids: NDArray[np.int32], region: str | None
) -> tuple[Scores, Scores, NDArray[np.int32]]:
    """The blocked pairs among the records, those that lead out of them, and the number of each rid (-1: outside)."""
    (last,) = connection.execute("select coalesce(max(rid), -1) from features").fetchall()[0]
    number = np.full(last + 1, -1, dtype=np.int32)
    number[rids] = np.arange(len(rids), dtype=np.int32)
    if region is None:
        scores = score_vectors(connection, frozen.model, "vectors")
        nothing = scores.subset(np.empty(0, dtype=np.intp))
        in_order = np.array_equal(rids, np.arange(len(rids)))
        return (scores if in_order else scores.renumbered(number)), nothing, number
    members = f"(select rid from {region})"
    scores = score_vectors(
        connection, frozen.model, f"(select * from vectors where rid_l in {members} or rid_r in {members})"
    )
    inside = (number[scores.left] >= 0) & (number[scores.right] >= 0)
    return scores.subset(inside).renumbered(number), scores.subset(~inside), number


def _numbered(pairs: Pairs | None, number: NDArray[np.int32]) -> Pairs:
    if pairs is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    left, right = number[pairs[0]], number[pairs[1]]
    kept = (left >= 0) & (right >= 0)
    return left[kept].astype(np.int64), right[kept].astype(np.int64)


def _cluster(
    connection: duckdb.DuckDBPyConnection,
    frozen: FrozenModel,
    rids: NDArray[np.int32],
    scores: Scores,
    together: Pairs,
    apart: Pairs,
    source: NDArray[np.intp],
) -> Labels:
    """Cluster, first without the word of those who named several records; see `torn_mentions`."""
    count = len(rids)
    several = by_writers_of_several(connection, rids, scores, frozen.model)
    if several is None:
        return _cluster_heard(frozen, scores, together, apart, source)
    quiet = without(scores, several)
    labels = _cluster_heard(frozen, quiet, together, apart, source)
    torn = several.torn(labels)
    components = near_components(count, scores, together)
    again = np.flatnonzero(np.isin(components, components[several.writer[~torn]]))
    heard = without(scores, several.only(torn))
    kept = _among(again, count, heard, together, apart)
    labels[again] = again[_cluster_heard(frozen, *kept, source[again])]
    return labels


def _cluster_heard(
    frozen: FrozenModel, scores: Scores, together: Pairs, apart: Pairs, source: NDArray[np.intp]
) -> Labels:
    count = len(source)
    if frozen.settings.one_record_per_source:
        alike = one_record_per_source(source, near_components(count, scores, together), together)
        apart = (np.concatenate([apart[0], alike[0]]), np.concatenate([apart[1], alike[1]]))
    return cluster(
        count,
        scores,
        frozen.model.prior_weights,
        stand_ins(frozen.model.comparisons),
        contradictions(scores, frozen.model),
        frozen.threshold,
        together,
        apart,
        stated_levels(frozen.model.comparisons),
    )


def _among(
    members: NDArray[np.intp], count: int, scores: Scores, together: Pairs, apart: Pairs
) -> tuple[Scores, Pairs, Pairs]:
    """What is known between some records, numbered anew."""
    number = np.full(count, -1, dtype=np.int32)
    number[members] = np.arange(len(members), dtype=np.int32)
    kept = scores.subset((number[scores.left] >= 0) & (number[scores.right] >= 0))
    # Their order stays, so there is nothing to sort.
    kept = replace(kept, left=number[kept.left], right=number[kept.right])
    return kept, _numbered(together, number), _numbered(apart, number)


def contradictions(scores: Scores, model: Model) -> NDArray[np.bool_]:
    """Pairs that no other evidence may put together: given names that differ and birth dates that differ.

    Only where the model has learnt that one person's records hardly ever differ in both: in data full of errors a
    contradiction proves little.
    """
    names = [comparison.name for comparison in model.comparisons]
    if "given_name" not in names or "birth_date" not in names:
        return np.zeros(len(scores.left), dtype=np.bool_)
    given, birth = names.index("given_name"), names.index("birth_date")
    if model.weight(given)[0] + model.weight(birth)[0] > _CONTRADICTION:
        return np.zeros(len(scores.left), dtype=np.bool_)
    return np.asarray((scores.gammas[:, given] == 0) & (scores.gammas[:, birth] == 0))
