"""Pairs to compare beside the blocked ones: whole components of near pairs, whole clusters, and nothing beyond."""

from __future__ import annotations

import duckdb
import numpy as np

from identity.clustering import NEAR
from identity.completion import missing_in_clusters, missing_in_components
from identity.scoring import Scores

NOBODY = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def scored(*pairs: tuple[int, int, float]) -> Scores:
    left, right, weight = (np.array(side) for side in zip(*pairs, strict=True))
    nothing = np.zeros((len(left), 1), dtype=np.float32)
    return Scores(left.astype(np.int32), right.astype(np.int32), nothing, (), weight, nothing.astype(np.int8))


def pairs(found: tuple[np.ndarray, np.ndarray]) -> list[tuple[int, int]]:
    return list(zip(found[0].tolist(), found[1].tolist(), strict=True))


def test_a_component_is_completed() -> None:
    chain = scored((0, 1, 5.0), (1, 2, 5.0), (2, 3, 5.0))
    with duckdb.connect() as connection:
        assert pairs(missing_in_components(connection, chain, 5, NOBODY)) == [(0, 2), (0, 3), (1, 3)]


def test_a_pair_that_is_not_near_connects_nothing() -> None:
    """An incremental run takes whole components of near pairs: what completion compares must not lead out of them."""
    two = scored((0, 1, 5.0), (1, 2, NEAR - 0.01), (2, 3, 5.0))
    with duckdb.connect() as connection:
        assert pairs(missing_in_components(connection, two, 4, NOBODY)) == []


def test_a_judgement_connects() -> None:
    two = scored((0, 1, 5.0), (2, 3, 5.0))
    with duckdb.connect() as connection:
        found = missing_in_components(connection, two, 4, (np.array([1]), np.array([2])))
    assert pairs(found) == [(0, 2), (0, 3), (1, 2), (1, 3)]


def test_what_a_cluster_never_compared_is_found() -> None:
    chain = scored((0, 1, 5.0), (1, 2, 5.0))
    with duckdb.connect() as connection:
        assert pairs(missing_in_clusters(connection, chain, np.array([0, 0, 0, 3]))) == [(0, 2)]
