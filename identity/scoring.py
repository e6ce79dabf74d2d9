"""Match weights of pairs: the model's weight of each level reached, adjusted for how rare the shared value is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.model import Floats, Model


@dataclass(frozen=True)
class Scores:
    """Scored pairs: `left < right` (record numbers), bits of each comparison, their sum with the prior, the vectors.

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
        return both.sorted()

    def sorted(self) -> Scores:
        """The pairs in the order of their ids."""
        return self.subset(np.lexsort((self.right, self.left)))

    def renumbered(self, numbers: NDArray[np.int32]) -> Scores:
        """The pairs with record number i written as `numbers[i]`, in the order of the new ids."""
        one, other = numbers[self.left], numbers[self.right]
        low, high = np.minimum(one, other), np.maximum(one, other)
        return Scores(low, high, self.parts, self.rival_parts, self.weight, self.gammas).sorted()


def score_vectors(connection: duckdb.DuckDBPyConnection, model: Model, vectors: str, rarity: str = "rarity") -> Scores:
    """Weigh every pair of a table of vectors, in the order of its ids.

    Args:
        connection: holds the tables.
        model: what levels weigh.
        vectors: `rid_l, rid_r, gamma_<comparison> ...`, or a query of that in parentheses.
        rarity: the table of `term_frequencies.weigh_rarity`.
    """
    if not model.comparisons:
        nobody, nothing = np.empty(0, dtype=np.int32), np.empty((0, 0))
        return Scores(nobody, nobody, nothing.astype(np.float32), (), np.empty(0), nothing.astype(np.int8))
    gammas = [f"gamma_{comparison.name}" for comparison in model.comparisons]
    adjusted = [
        (place, comparison.level_count - 1 - position, level.frequency)
        for place, comparison in enumerate(model.comparisons)
        for position, level in enumerate(comparison.levels)
        if level.frequency is not None
    ]
    # Of two values the more common one decides.
    bits = [
        f"case when v.gamma_{model.comparisons[place].name} = {gamma} "
        f"then least(a.bits_{column}, b.bits_{column}) else 0 end::float as adjustment_{number}"
        for number, (place, gamma, column) in enumerate(adjusted)
    ]
    rows = connection.sql(f"""
        select v.rid_l, v.rid_r, {", ".join([*(f"v.{gamma}" for gamma in gammas), *bits])}
        from {vectors} as v join {rarity} as a on a.rid = v.rid_l join {rarity} as b on b.rid = v.rid_r
        order by v.rid_l, v.rid_r
    """).to_arrow_table()
    return _weigh(rows, model, gammas, adjusted)


def _weigh(rows: pa.Table, model: Model, names: list[str], adjusted: list[tuple[int, int, str]]) -> Scores:
    left, right = rows["rid_l"].to_numpy(), rows["rid_r"].to_numpy()
    gammas = np.column_stack([rows[name].to_numpy() for name in names])
    parts = np.zeros(gammas.shape, dtype=np.float32)
    rivals = tuple(np.zeros(gammas.shape, dtype=np.float32) for _ in model.rivals)
    for place in range(len(model.comparisons)):
        # One more place at the end, which the -1 of nothing to compare finds.
        parts[:, place] = np.append(model.weight(place), 0.0).astype(np.float32)[gammas[:, place]]
        for rival, against in enumerate(rivals):
            against[:, place] = np.append(model.rival_weight(rival, place), 0.0).astype(np.float32)[gammas[:, place]]
    for number, (place, _, _) in enumerate(adjusted):
        parts[:, place] += rows[f"adjustment_{number}"].to_numpy()
    sums = [part.sum(axis=1, dtype=np.float64) for part in (parts, *rivals)]
    weight = against_all([bits + prior for bits, prior in zip(sums, model.prior_weights, strict=True)])
    return Scores(left, right, parts, rivals, np.round(weight, 6), gammas)


def against_all(weights: list[Floats]) -> Floats:
    """Bits for one person against everything else at once, from those against each other reason to agree."""
    return np.asarray(-np.logaddexp2.reduce([-bits for bits in weights]))
