"""Match weights of pairs: the model's weight of each level reached, adjusted for how rare the shared value is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.chance import arrow_rows
from identity.model import Floats, Model

# A rare value may add, and a common one take, this many bits to its level: frequencies are estimates.
_LARGEST_ADJUSTMENT: Final = 5.0


@dataclass(frozen=True)
class Scores:
    """Scored pairs: `left < right` (rids), bits of each comparison, their sum with the prior, the vectors.

    `parts` are against strangers, `rival_parts` against each of the model's rivals; 0 where nothing could be compared.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    parts: NDArray[np.float32]
    rival_parts: tuple[NDArray[np.float32], ...]
    weight: Floats
    gammas: NDArray[np.int8]

    def subset(self, kept: NDArray[Any]) -> Scores:
        """The pairs at `kept` (places, or a mask), in that order."""
        return Scores(
            self.left[kept],
            self.right[kept],
            self.parts[kept],
            tuple(part[kept] for part in self.rival_parts),
            self.weight[kept],
            self.gammas[kept],
        )

    def merged(self, other: Scores) -> Scores:
        """These pairs and other ones, in the order of their ids."""
        both = Scores(
            np.concatenate([self.left, other.left]),
            np.concatenate([self.right, other.right]),
            np.concatenate([self.parts, other.parts]),
            tuple(np.concatenate(parts) for parts in zip(self.rival_parts, other.rival_parts, strict=True)),
            np.concatenate([self.weight, other.weight]),
            np.concatenate([self.gammas, other.gammas]),
        )
        return both.subset(np.lexsort((both.right, both.left)))


class Scorer:
    """Turns tables of vectors into weights; holds how likely each record's values are to be shared by chance."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, model: Model) -> None:
        """Read value frequencies from `features`."""
        self._connection = connection
        self._model = model
        (self._records,) = connection.execute("select count(*) from features").fetchall()[0]
        self._chance = {
            level.frequency: self._chance_of(level.frequency, place, comparison.level_count - 1 - position)
            for place, comparison in enumerate(model.comparisons)
            for position, level in enumerate(comparison.levels)
            if level.frequency is not None
        }

    def _chance_of(self, column: str, place: int, gamma: int) -> Floats:
        """Per record, the adjustment in bits for agreeing on its value of `column` rather than on any value."""
        counts = arrow_rows(
            self._connection,
            f"select count({column}) over (partition by {column})::double as carriers from features order by rid",
        )["carriers"].to_numpy()
        # The person's own other records share the value too, and are no coincidence.
        own = self._model.prior * self._records * self._model.m[place][gamma]
        by_chance = np.maximum(counts - 1.0 - own, 0.5) / self._records
        adjustment = np.log2(self._model.u[place][gamma] / by_chance)
        return np.asarray(np.clip(adjustment, -_LARGEST_ADJUSTMENT, _LARGEST_ADJUSTMENT))

    def score(self, table: str) -> Scores:
        """Weigh every pair of a table of vectors, in the order of its ids."""
        names = [f"gamma_{comparison.name}" for comparison in self._model.comparisons]
        rows = arrow_rows(
            self._connection, f"select rid_l, rid_r, {', '.join(names)} from {table} order by rid_l, rid_r"
        )
        return self._weigh(rows, names)

    def _weigh(self, rows: pa.Table, names: list[str]) -> Scores:
        left, right = rows["rid_l"].to_numpy(), rows["rid_r"].to_numpy()
        gammas = np.column_stack([rows[name].to_numpy() for name in names])
        parts = np.zeros(gammas.shape, dtype=np.float32)
        rivals = tuple(np.zeros(gammas.shape, dtype=np.float32) for _ in self._model.rivals)
        for place, comparison in enumerate(self._model.comparisons):
            gamma = gammas[:, place]
            weights = self._model.weight(place)
            parts[:, place] = np.where(gamma >= 0, weights[np.maximum(gamma, 0)], 0.0)
            for rival, against in enumerate(rivals):
                against[:, place] = np.where(
                    gamma >= 0, self._model.rival_weight(rival, place)[np.maximum(gamma, 0)], 0.0
                )
            for position, level in enumerate(comparison.levels):
                if level.frequency is None:
                    continue
                reached = gamma == comparison.level_count - 1 - position
                bits = self._chance[level.frequency]
                # Of two values the more common one decides.
                parts[reached, place] += np.minimum(bits[left[reached]], bits[right[reached]])
        sums = [part.sum(axis=1, dtype=np.float64) for part in (parts, *rivals)]
        weight = against_all([bits + prior for bits, prior in zip(sums, self._model.prior_weights, strict=True)])
        return Scores(left, right, parts, rivals, np.round(weight, 6), gammas)


def against_all(weights: list[Floats]) -> Floats:
    """Bits for one person against everything else at once, from those against each other reason to agree."""
    return np.asarray(-np.logaddexp2.reduce([-bits for bits in weights]))
